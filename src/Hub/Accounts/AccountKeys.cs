using ActivityHub.Hub.Limits;
using ActivityHub.Ledger.Accounts;
using ActivityHub.Ledger.Keys;
using ActivityHub.Ledger.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace ActivityHub.Hub.Accounts;

/// <summary>The bearer tokens and browser sessions of an account: given, listed, ended.</summary>
internal sealed class AccountKeys(
    LedgerWriter writer, IDbContextFactory<LedgerContext> contexts, TokenAuthentication.KnownBrowsers browsers,
    IOptions<AccountOptions> options, IOptions<LimitOptions> limits, TimeProvider time)
{
    /// <summary>
    /// No token where the account has as many as it may, or its password was changed since it was looked at.
    /// </summary>
    public Task<(AccessKey? Token, bool IsFull)> GiveTokenAsync(Account account, string? name, CancellationToken cancellationToken) =>
        writer.WriteAsync<(AccessKey?, bool)>(
        async context =>
        {
            var id = account.Id;
            if (!await IsAsSeenAsync(context, account, cancellationToken))
            {
                return (null, false);
            }

            if (await context.AccountTokens.CountAsync(
                row => row.AccountId == id && !row.IsSession, cancellationToken) >= limits.Value.Tokens)
            {
                return (null, true);
            }

            var key = AccessKey.NewToken();
            context.Add(AccountToken.For(account, key, time.GetUtcNow(), name));
            await context.SaveChangesAsync(cancellationToken);
            return (key, false);
        },
        cancellationToken);

    /// <summary>
    /// Null where the password was changed since it was looked at. A browser is never turned away: where there are too many sessions, those
    /// go that were used least lately.
    /// </summary>
    public Task<AccessKey?> BeginSessionAsync(Account account, string? browser, CancellationToken cancellationToken) => writer.WriteAsync(
        async context =>
        {
            if (!await IsAsSeenAsync(context, account, cancellationToken))
            {
                return null;
            }

            var now = time.GetUtcNow();
            var id = account.Id;
            var sessions = await context.AccountTokens.Where(row => row.AccountId == id && row.IsSession)
                .OrderByDescending(row => row.LastUsedAt).ThenByDescending(row => row.CreatedAt).ToListAsync(cancellationToken);
            context.RemoveRange(sessions.Where((row, index) => HasEnded(row, now) || index >= limits.Value.Tokens - 1));
            var key = AccessKey.NewSession();
            context.Add(AccountToken.Session(account, key, now, browser));
            await context.SaveChangesAsync(cancellationToken);
            return key;
        },
        cancellationToken);

    /// <summary>Whether a browser has been signed in for too long, or away for too long.</summary>
    public bool HasEnded(AccountToken session, DateTimeOffset now) =>
        session.CreatedAt.AddDays(options.Value.SessionDays) <= now ||
        (session.LastUsedAt ?? session.CreatedAt).AddDays(options.Value.IdleDays) <= now;

    /// <summary>Lists the keys that open the account, oldest first.</summary>
    public async Task<IReadOnlyList<AccountToken>> ListAsync(long accountId, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var rows = await context.AccountTokens.AsNoTracking().Where(row => row.AccountId == accountId)
            .OrderBy(row => row.CreatedAt).ThenBy(row => row.Hash).ToListAsync(cancellationToken);
        var now = time.GetUtcNow();
        return [.. rows.Where(row => !row.IsSession || !HasEnded(row, now))];
    }

    /// <summary>False where the account has no such key.</summary>
    public Task<bool> EndAsync(long accountId, long id, CancellationToken cancellationToken) => writer.WriteAsync(
        async context =>
        {
            // The id is the beginning of the hash; an account's keys are few.
            var rows = await context.AccountTokens.Where(row => row.AccountId == accountId).ToListAsync(cancellationToken);
            if (rows.Find(row => row.Id == id) is not { } found)
            {
                return false;
            }

            context.Remove(found);
            await context.SaveChangesAsync(cancellationToken);
            browsers.Forget();
            return true;
        },
        cancellationToken);

    public Task EndAsync(byte[] hash, CancellationToken cancellationToken) => writer.WriteAsync(
        context => context.AccountTokens.Where(row => row.Hash == hash).ExecuteDeleteAsync(cancellationToken), cancellationToken);

    /// <summary>Ends all but the one that did it.</summary>
    public async Task ChangePasswordAsync(long accountId, string hash, byte[] except, CancellationToken cancellationToken)
    {
        await writer.WriteAsync(
            async context =>
            {
                var account = await context.Accounts.FirstAsync(row => row.Id == accountId, cancellationToken);
                account.ChangePassword(hash);
                await context.SaveChangesAsync(cancellationToken);
                await context.AccountTokens.Where(row => row.AccountId == accountId && row.Hash != except)
                    .ExecuteDeleteAsync(cancellationToken);
            },
            cancellationToken);
        browsers.Forget();
    }

    /// <summary>
    /// For who holds a link to recover the account, mostly by its mail: a new password, and the end of all keys. False where the account is
    /// not as it was seen: its password was changed meanwhile.
    /// </summary>
    public async Task<bool> RecoverAsync(Account seen, string hash, bool readsMail, CancellationToken cancellationToken)
    {
        var id = seen.Id;
        var recovered = await writer.WriteAsync(
            async context =>
            {
                if (!await IsAsSeenAsync(context, seen, cancellationToken))
                {
                    return false;
                }

                var account = await context.Accounts.FirstAsync(row => row.Id == id, cancellationToken);
                account.ChangePassword(hash);
                if (readsMail)
                {
                    account.ConfirmEmail(time.GetUtcNow());
                }

                await context.SaveChangesAsync(cancellationToken);
                await context.AccountTokens.Where(row => row.AccountId == id).ExecuteDeleteAsync(cancellationToken);
                return true;
            },
            cancellationToken);
        browsers.Forget();
        return recovered;
    }

    /// <summary>Notes the use of a key, once an hour.</summary>
    public async Task NoteUseAsync(byte[] hash, DateTimeOffset? lastUsedAt, CancellationToken cancellationToken)
    {
        DateTimeOffset? hour = AccountToken.HourOf(time.GetUtcNow());
        if (lastUsedAt >= hour)
        {
            return;
        }

        await writer.WriteAsync(
            context => context.AccountTokens.Where(row => row.Hash == hash && (row.LastUsedAt == null || row.LastUsedAt < hour))
                .ExecuteUpdateAsync(set => set.SetProperty(row => row.LastUsedAt, hour), cancellationToken),
            cancellationToken);
    }

    // Under the row's lock on PostgreSQL: a change of the password that runs at this moment ends this key too, or voids it.
    private static async Task<bool> IsAsSeenAsync(LedgerContext context, Account account, CancellationToken cancellationToken)
    {
        var (id, stamp) = (account.Id, account.SecurityStamp);
        return await context.Accounts.Where(row => row.Id == id && row.SecurityStamp == stamp)
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.SecurityStamp, stamp), cancellationToken) == 1;
    }
}
