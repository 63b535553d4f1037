using System.Security.Cryptography;
using System.Text;
using ActivityHub.Ledger.Keys;
using ActivityHub.Ledger.Storage;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;

namespace ActivityHub.Ledger.Accounts;

/// <summary>
/// The code with which the first administrator's account is opened from anywhere, once. It exists while a hub has no administrator, is the
/// same for all its processes and over their restarts, and lies in the ledger sealed by the key ring.
/// </summary>
public sealed class FirstAdministrator(LedgerWriter writer, IDataProtectionProvider protection)
{
    /// <summary>The longest text that is looked at.</summary>
    public const int MaxCodeLength = 100;

    private const string Name = "first administrator";
    private const string Letters = "abcdefghjkmnpqrstuvwxyz23456789";
    private const int Length = 20;
    private const int GroupLength = 5;

    private readonly IDataProtector _seal = protection.CreateProtector("ActivityHub.FirstAdministrator.v1");

    /// <summary>The code, made where there is none yet; null where there is an administrator.</summary>
    public async Task<string?> ReadCodeAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await writer.WriteAsync(context => ReadOrMakeAsync(context, cancellationToken), cancellationToken);
        }
        catch (DbUpdateException)
        {
            // Another process that starts at the same moment was first; its code counts.
            return await writer.WriteAsync(context => ReadOrMakeAsync(context, cancellationToken), cancellationToken);
        }
    }

    /// <summary>
    /// Returns true for the first administrator alone, within the transaction that opens the account, also for concurrent ones.
    /// </summary>
    /// <param name="context">Of the transaction.</param>
    /// <param name="code">The code that the owner typed; null where the request comes from the machine itself and needs none.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<bool> TryTakeAsync(LedgerContext context, string? code, CancellationToken cancellationToken)
    {
        if (await IsThereAsync(context, cancellationToken))
        {
            return false;
        }

        if (context.Database.IsNpgsql())
        {
            // Once there is an administrator, no request waits for this lock.
            await context.Database.ExecuteSqlRawAsync("LOCK TABLE accounts IN SHARE ROW EXCLUSIVE MODE", cancellationToken);
            if (await IsThereAsync(context, cancellationToken))
            {
                return false;
            }
        }

        if (code is not null && (await StoredAsync(context, cancellationToken) is not { } stored ||
            !CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(Plain(stored)), Encoding.UTF8.GetBytes(Plain(code)))))
        {
            return false;
        }

        await context.Keys.Where(key => key.Name == Name).ExecuteDeleteAsync(cancellationToken);
        return true;
    }

    private async Task<string?> ReadOrMakeAsync(LedgerContext context, CancellationToken cancellationToken)
    {
        if (await IsThereAsync(context, cancellationToken))
        {
            await context.Keys.Where(key => key.Name == Name).ExecuteDeleteAsync(cancellationToken);
            return null;
        }

        if (await StoredAsync(context, cancellationToken) is { } stored)
        {
            return stored;
        }

        var code = string.Join('-', RandomNumberGenerator.GetString(Letters, Length).Chunk(GroupLength).Select(group => new string(group)));
        context.Keys.Add(new StoredKey { Name = Name, Value = _seal.Protect(Encoding.UTF8.GetBytes(code)) });
        await context.SaveChangesAsync(cancellationToken);
        return code;
    }

    private async Task<string?> StoredAsync(LedgerContext context, CancellationToken cancellationToken) =>
        await context.Keys.AsNoTracking().FirstOrDefaultAsync(key => key.Name == Name, cancellationToken) is { } stored
            ? Encoding.UTF8.GetString(_seal.Unprotect(stored.Value))
            : null;

    private static Task<bool> IsThereAsync(LedgerContext context, CancellationToken cancellationToken) =>
        context.Accounts.AnyAsync(account => account.IsAdministrator, cancellationToken);

    private static string Plain(string code) => new([.. code.Where(char.IsLetterOrDigit).Select(char.ToLowerInvariant)]);
}
