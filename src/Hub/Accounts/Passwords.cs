using ActivityHub.Ledger.Accounts;
using Microsoft.AspNetCore.Identity;

namespace ActivityHub.Hub.Accounts;

/// <summary>
/// Hashes and checks passwords, two at a time: each takes tens of milliseconds of a core on purpose, and signing in must not stop the
/// phones.
/// </summary>
internal sealed class Passwords : IDisposable
{
    private const int AtOnce = 2;
    private const int MaxWaiting = 64;

    private readonly PasswordHasher<Account> _hasher = new();
    private readonly SemaphoreSlim _slots = new(AtOnce, AtOnce);
    private readonly Lazy<string> _nobodys;
    private int _waiting;

    public Passwords() => _nobodys = new Lazy<string>(() => _hasher.HashPassword(null!, Guid.NewGuid().ToString()));

    /// <summary>Null where too many wait already.</summary>
    public Task<string?> HashAsync(string password, CancellationToken cancellationToken) =>
        // The hasher does not look at the user.
        RunAsync(() => _hasher.HashPassword(null!, password), cancellationToken);

    /// <summary>
    /// Whether it is the account's password; null where too many wait already. For an account that is not there, the same work is done for
    /// nothing.
    /// </summary>
    public async Task<bool?> VerifyAsync(Account? account, string password, CancellationToken cancellationToken)
    {
        var result = await RunAsync(
            () => _hasher.VerifyHashedPassword(null!, account?.PasswordHash ?? _nobodys.Value, password).ToString(), cancellationToken);
        return result is null ? null : account is not null && result != nameof(PasswordVerificationResult.Failed);
    }

    public void Dispose() => _slots.Dispose();

    private async Task<string?> RunAsync(Func<string> work, CancellationToken cancellationToken)
    {
        if (Interlocked.Increment(ref _waiting) > MaxWaiting)
        {
            Interlocked.Decrement(ref _waiting);
            return null;
        }

        try
        {
            await _slots.WaitAsync(cancellationToken);
            try
            {
                return await Task.Run(work, cancellationToken);
            }
            finally
            {
                _slots.Release();
            }
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }
}
