namespace ActivityHub.Hub.Accounts;

/// <summary>Changes the password of a signed-in owner who knows the old one. All other keys of the account end with it.</summary>
internal sealed class PasswordChange(SignIn signIn, Passwords passwords, AccountKeys keys)
{
    public async Task<SignInOutcome> TryAsync(
        long accountId, string current, string wanted, byte[] usedKey, CancellationToken cancellationToken)
    {
        var outcome = await signIn.AgainAsync(accountId, current, cancellationToken);
        if (outcome is not SignInOutcome.Succeeded)
        {
            return outcome;
        }

        if (await passwords.HashAsync(wanted, cancellationToken) is not { } hash)
        {
            return new SignInOutcome.Busy();
        }

        await keys.ChangePasswordAsync(accountId, hash, except: usedKey, cancellationToken);
        return outcome;
    }
}
