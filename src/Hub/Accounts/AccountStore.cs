using ActivityHub.Ledger;
using ActivityHub.Ledger.Accounts;
using ActivityHub.Ledger.Storage;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace ActivityHub.Hub.Accounts;

/// <summary>
/// What ASP.NET Core Identity sees of the ledger: as much as its passkeys and its tokens in mails need. Accounts are opened and their
/// passwords changed by the classes beside this one, in one transaction with their keys, and so not here.
/// </summary>
internal sealed class AccountStore(LedgerWriter writer, IDbContextFactory<LedgerContext> contexts, TimeProvider time)
    : IUserPasskeyStore<Account>, IUserSecurityStampStore<Account>, IUserEmailStore<Account>
{
    public Task<string> GetUserIdAsync(Account user, CancellationToken cancellationToken) => Task.FromResult(OpaqueId.Format(user.Id));

    public Task<string?> GetUserNameAsync(Account user, CancellationToken cancellationToken) => Task.FromResult<string?>(user.Email);

    public Task<string?> GetNormalizedUserNameAsync(Account user, CancellationToken cancellationToken) =>
        Task.FromResult<string?>(user.NormalizedEmail);

    public Task<string?> GetSecurityStampAsync(Account user, CancellationToken cancellationToken) =>
        Task.FromResult<string?>(user.SecurityStamp);

    public Task<string?> GetEmailAsync(Account user, CancellationToken cancellationToken) => Task.FromResult<string?>(user.Email);

    public Task<string?> GetNormalizedEmailAsync(Account user, CancellationToken cancellationToken) =>
        Task.FromResult<string?>(user.NormalizedEmail);

    public Task<bool> GetEmailConfirmedAsync(Account user, CancellationToken cancellationToken) =>
        Task.FromResult(user.EmailConfirmedAt is not null);

    public Task SetEmailConfirmedAsync(Account user, bool confirmed, CancellationToken cancellationToken)
    {
        user.ConfirmEmail(time.GetUtcNow());
        return Task.CompletedTask;
    }

    // UserManager normalizes before each update; the account stores its result.
    public Task SetNormalizedUserNameAsync(Account user, string? normalizedName, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task SetNormalizedEmailAsync(Account user, string? normalizedEmail, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task SetUserNameAsync(Account user, string? userName, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task SetEmailAsync(Account user, string? email, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task SetSecurityStampAsync(Account user, string stamp, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IdentityResult> CreateAsync(Account user, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IdentityResult> DeleteAsync(Account user, CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <summary>Writes what Identity may change, the confirmation, and nothing else: the rest may be newer in the ledger.</summary>
    public async Task<IdentityResult> UpdateAsync(Account user, CancellationToken cancellationToken)
    {
        var (id, stamp, confirmed) = (user.Id, user.SecurityStamp, user.EmailConfirmedAt);
        var changed = await writer.WriteAsync(
            context => context.Accounts.Where(row => row.Id == id && row.SecurityStamp == stamp)
                .ExecuteUpdateAsync(set => set.SetProperty(row => row.EmailConfirmedAt, confirmed), cancellationToken),
            cancellationToken);
        return changed == 1 ? IdentityResult.Success : IdentityResult.Failed(new IdentityErrorDescriber().ConcurrencyFailure());
    }

    public async Task<Account?> FindByIdAsync(string userId, CancellationToken cancellationToken)
    {
        if (!OpaqueId.TryParse(userId, out var id))
        {
            return null;
        }

        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.Accounts.AsNoTracking().FirstOrDefaultAsync(row => row.Id == id, cancellationToken);
    }

    public async Task<Account?> FindByNameAsync(string normalizedUserName, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.Accounts.AsNoTracking()
            .FirstOrDefaultAsync(row => row.NormalizedEmail == normalizedUserName, cancellationToken);
    }

    public Task<Account?> FindByEmailAsync(string normalizedEmail, CancellationToken cancellationToken) =>
        FindByNameAsync(normalizedEmail, cancellationToken);

    public Task AddOrUpdatePasskeyAsync(Account user, UserPasskeyInfo passkey, CancellationToken cancellationToken) => writer.WriteAsync(
        async context =>
        {
            var id = passkey.CredentialId;
            var row = await context.Passkeys.FirstOrDefaultAsync(found => found.CredentialId == id, cancellationToken);
            var now = time.GetUtcNow();
            if (row is null)
            {
                row = AccountPasskey.Register(
                    user.Id, id, passkey.PublicKey, passkey.Transports is { Length: > 0 } words ? Joined(words) : null, now);
                context.Add(row);
            }
            else if (row.AccountId != user.Id)
            {
                throw new InvalidOperationException("The passkey is another account's.");
            }
            else
            {
                row.Use(now);
            }

            row.Rename(passkey.Name);
            row.Note(passkey.SignCount, passkey.IsUserVerified, passkey.IsBackupEligible, passkey.IsBackedUp);
            await context.SaveChangesAsync(cancellationToken);
        },
        cancellationToken);

    public async Task<IList<UserPasskeyInfo>> GetPasskeysAsync(Account user, CancellationToken cancellationToken)
    {
        var id = user.Id;
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var rows = await context.Passkeys.AsNoTracking().Where(row => row.AccountId == id).OrderBy(row => row.CreatedAt)
            .ToListAsync(cancellationToken);
        return [.. rows.Select(Info)];
    }

    public async Task<Account?> FindByPasskeyIdAsync(byte[] credentialId, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.Passkeys.Where(row => row.CredentialId == credentialId)
            .Join(context.Accounts, row => row.AccountId, account => account.Id, (_, account) => account)
            .AsNoTracking().FirstOrDefaultAsync(cancellationToken);
    }

    public async Task<UserPasskeyInfo?> FindPasskeyAsync(Account user, byte[] credentialId, CancellationToken cancellationToken)
    {
        var id = user.Id;
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var row = await context.Passkeys.AsNoTracking()
            .FirstOrDefaultAsync(found => found.CredentialId == credentialId && found.AccountId == id, cancellationToken);
        return row is null ? null : Info(row);
    }

    public Task RemovePasskeyAsync(Account user, byte[] credentialId, CancellationToken cancellationToken)
    {
        var id = user.Id;
        return writer.WriteAsync(
            context =>
                context.Passkeys.Where(row => row.CredentialId == credentialId && row.AccountId == id)
                    .ExecuteDeleteAsync(cancellationToken),
            cancellationToken);
    }

    public void Dispose()
    {
    }

    // The authenticator's registration data is not stored, since nothing reads it again.
    private static UserPasskeyInfo Info(AccountPasskey row) => new(
        row.CredentialId, row.PublicKey, row.CreatedAt, checked((uint)row.SignCount), row.Transports?.Split(','), row.IsUserVerified,
        row.IsBackupEligible, row.IsBackedUp, attestationObject: [], clientDataJson: [])
    {
        Name = row.Name,
    };

    private static string? Joined(string[] words)
    {
        var text = string.Join(',', words.Where(word => word.All(letter => char.IsAsciiLetterLower(letter) || letter == '-')).Take(8));
        return text.Length is 0 or > 200 ? null : text;
    }
}
