using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using ActivityHub.Ledger.Accounts;
using ActivityHub.Ledger.Keys;
using ActivityHub.Ledger.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace ActivityHub.Hub.Accounts;

/// <summary>
/// Locks an address after so many wrong passwords in a row, for longer each time, from all clients together. Stored in the ledger, so that
/// it applies to all processes and survives a restart; addresses without an account are treated the same.
/// </summary>
internal sealed class AccountLockout(
    LedgerWriter writer, IDbContextFactory<LedgerContext> contexts, RootKey root, IOptions<AccountOptions> options, TimeProvider time)
{
    // The number of rows for addresses without an account. To find the locked ones among them, an attacker would have to keep a million of
    // them locked.
    private const int UnknownSubjects = 1 << 20;

    private static readonly TimeSpan Shortest = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    // A day without a wrong password, and the count begins anew.
    private static readonly TimeSpan Memory = TimeSpan.FromDays(1);

    /// <summary>For how long the address is locked after so many failures in a row; zero where it is not.</summary>
    public static TimeSpan LengthOf(int failures, int lockAfter)
    {
        var steps = failures - lockAfter;
        return steps < 0 ? TimeSpan.Zero : steps >= 6 ? Longest : Shortest * (1 << steps);
    }

    /// <summary>Whose failures are counted together.</summary>
    public long SubjectOf(Account? account, string normalizedEmail) => account?.Id ?? UnknownSubject(normalizedEmail);

    /// <summary>
    /// The subject that counts an account's failures where a signed-in user is asked for the password again: below the numbers of unknown
    /// addresses.
    /// </summary>
    public static long SubjectOfAgain(long accountId) => -1 - UnknownSubjects - accountId;

    /// <summary>Null where it is not locked, else for how long yet.</summary>
    public async Task<TimeSpan?> LockedForAsync(long subject, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var until = await context.SignInFailures.Where(row => row.Subject == subject).Select(row => row.LockedUntil)
            .FirstOrDefaultAsync(cancellationToken);
        var left = until - time.GetUtcNow();
        return left > TimeSpan.Zero ? left : null;
    }

    public Task FailedAsync(long subject, CancellationToken cancellationToken) =>
        writer.WriteAsync(context => CountAsync(context, subject, cancellationToken), cancellationToken);

    public async Task SucceededAsync(long subject, CancellationToken cancellationToken)
    {
        await using (var context = await contexts.CreateDbContextAsync(cancellationToken))
        {
            // Nearly always there is nothing to forget, and nothing to write.
            if (!await context.SignInFailures.AnyAsync(row => row.Subject == subject, cancellationToken))
            {
                return;
            }
        }

        await writer.WriteAsync(
            context => context.SignInFailures.Where(row => row.Subject == subject).ExecuteDeleteAsync(cancellationToken),
            cancellationToken);
    }

    private async Task CountAsync(LedgerContext context, long subject, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var forgotten = now - Memory;
        await context.SignInFailures.Where(row => row.LastAt < forgotten).ExecuteDeleteAsync(cancellationToken);
        var known = await context.SignInFailures.Where(row => row.Subject == subject)
            .ExecuteUpdateAsync(
                set => set.SetProperty(row => row.InARow, row => row.InARow + 1).SetProperty(row => row.LastAt, now), cancellationToken);
        if (known == 0)
        {
            context.Add(SignInFailures.First(subject, now));
            await context.SaveChangesAsync(cancellationToken);
        }

        var failures = await context.SignInFailures.Where(row => row.Subject == subject).Select(row => row.InARow)
            .FirstAsync(cancellationToken);
        if (LengthOf(failures, options.Value.LockAfter) is { Ticks: > 0 } length)
        {
            DateTimeOffset? until = now + length;
            await context.SignInFailures.Where(row => row.Subject == subject)
                .ExecuteUpdateAsync(set => set.SetProperty(row => row.LockedUntil, until), cancellationToken);
        }
    }

    // Keyed, so that outsiders cannot find two addresses that share a row.
    private long UnknownSubject(string normalizedEmail)
    {
        var hash = HMACSHA256.HashData(root.FailureKey(), Encoding.UTF8.GetBytes(normalizedEmail));
        return -1 - (long)(BinaryPrimitives.ReadUInt64BigEndian(hash) % UnknownSubjects);
    }
}
