using System.Globalization;
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
    public async Task<string?> HashAsync(string password, CancellationToken cancellationToken)
    {
        string? hash = null;
        // The hasher does not look at the user.
        await TryRunAsync(() => hash = _hasher.HashPassword(null!, OneForm(password)), cancellationToken);
        return hash;
    }

    /// <summary>
    /// Whether it is the account's password; null where too many wait already. For an account that is not there, the same work is done for
    /// nothing.
    /// </summary>
    public async Task<PasswordCheck?> VerifyAsync(Account? account, string password, CancellationToken cancellationToken)
    {
        PasswordCheck? result = null;
        await TryRunAsync(() => result = Check(account?.PasswordHash ?? _nobodys.Value, password), cancellationToken);
        return result is null || account is not null ? result : PasswordCheck.Wrong;
    }

    private PasswordCheck Check(string hash, string password)
    {
        var form = OneForm(password);
        var check = CheckAsIs(hash, form);
        // Earlier versions hashed what was typed.
        return check == PasswordCheck.Wrong && form != password && CheckAsIs(hash, password) != PasswordCheck.Wrong ? PasswordCheck.RightInOlderForm : check;
    }

    private PasswordCheck CheckAsIs(string hash, string password) => _hasher.VerifyHashedPassword(null!, hash, password) switch
    {
        PasswordVerificationResult.Success => PasswordCheck.Right,
        PasswordVerificationResult.SuccessRehashNeeded => PasswordCheck.RightInOlderForm,
        _ => PasswordCheck.Wrong,
    };

    // RFC 8265 §4.2: spaces of all kinds are one, and form C. What looks the same is the same, whichever system it is typed on.
    private static string OneForm(string password) =>
        CanonicalText.Compose(new string([.. password.Select(letter => char.GetUnicodeCategory(letter) == UnicodeCategory.SpaceSeparator ? ' ' : letter)]));

    public void Dispose() => _slots.Dispose();

    /// <summary>False where too many wait already.</summary>
    private async Task<bool> TryRunAsync(Action work, CancellationToken cancellationToken)
    {
        if (Interlocked.Increment(ref _waiting) > MaxWaiting)
        {
            Interlocked.Decrement(ref _waiting);
            return false;
        }

        try
        {
            await _slots.WaitAsync(cancellationToken);
            try
            {
                await Task.Run(work, cancellationToken);
                return true;
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

/// <summary>What came of holding a password against an account's hash.</summary>
internal enum PasswordCheck
{
    Wrong,
    Right,

    /// <summary>Right, and the hash should be made anew: it is of an older kind, or of the password as it was typed.</summary>
    RightInOlderForm,
}
