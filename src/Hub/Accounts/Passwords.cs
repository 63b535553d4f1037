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
        // The hasher does not look at the user.
        return await InSlotAsync(
            () => Task.Run(() => _hasher.HashPassword(null!, OneForm(password)), cancellationToken), cancellationToken);
    }

    /// <summary>
    /// Runs a check of a password in one of the slots, once there is one; null where too many wait already. What the check asks before and
    /// notes after <see cref="VerifyAsync"/> belongs in it: the next one in the slot then sees what this one has noted.
    /// </summary>
    public async Task<T?> InSlotAsync<T>(Func<Task<T>> check, CancellationToken cancellationToken)
        where T : class
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
                return await check();
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

    /// <summary>
    /// Whether it is the account's password. For an account that is not there, the same work is done for nothing. Within
    /// <see cref="InSlotAsync"/>.
    /// </summary>
    public async Task<PasswordCheck> VerifyAsync(Account? account, string password, CancellationToken cancellationToken)
    {
        var result = await Task.Run(() => Check(account?.PasswordHash ?? _nobodys.Value, password), cancellationToken);
        return account is null ? PasswordCheck.Wrong : result;
    }

    private PasswordCheck Check(string hash, string password)
    {
        var form = OneForm(password);
        var check = CheckAsIs(hash, form);
        // Earlier versions hashed the password as it was typed.
        return check == PasswordCheck.Wrong && form != password && CheckAsIs(hash, password) != PasswordCheck.Wrong
            ? PasswordCheck.RightInOlderForm
            : check;
    }

    private PasswordCheck CheckAsIs(string hash, string password) => _hasher.VerifyHashedPassword(null!, hash, password) switch
    {
        PasswordVerificationResult.Success => PasswordCheck.Right,
        PasswordVerificationResult.SuccessRehashNeeded => PasswordCheck.RightInOlderForm,
        _ => PasswordCheck.Wrong,
    };

    // RFC 8265 §4.2: all kinds of spaces become one, and form C. Texts that look the same are the same, whichever system they are typed on.
    private static string OneForm(string password) =>
        CanonicalText.Compose(
            new string([.. password.Select(letter => char.GetUnicodeCategory(letter) == UnicodeCategory.SpaceSeparator ? ' ' : letter)]));

    public void Dispose() => _slots.Dispose();
}

/// <summary>The result of comparing a password with an account's hash.</summary>
internal enum PasswordCheck
{
    Wrong,
    Right,

    /// <summary>Right, and the hash should be made anew: it is of an older kind, or of the password as it was typed.</summary>
    RightInOlderForm,
}
