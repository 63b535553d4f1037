using System.Security.Cryptography;
using ActivityHub.Ledger;
using ActivityHub.Ledger.Accounts;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Identity;

namespace ActivityHub.Hub.Accounts;

/// <summary>
/// The two ceremonies of WebAuthn, as ASP.NET Core Identity implements them. Between the two requests the challenge waits, encrypted, in a
/// cookie of the same browser: the hub stores nothing, and no other browser can answer.
/// </summary>
internal sealed class Passkeys(
    IPasskeyHandler<Account> handler, UserManager<Account> users, IDataProtectionProvider protection, SessionCookie session)
{
    private const int MostOfAnAccount = 20;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private readonly ITimeLimitedDataProtector _protector = protection.CreateProtector("ActivityHub.Passkeys.v1")
        .ToTimeLimitedDataProtector();

    private string CookieName => session.NameOf("passkey");

    /// <summary>What a browser needs to make a passkey for the account.</summary>
    public async Task<string> AskToRegisterAsync(HttpContext http, Account account)
    {
        var options = await handler.MakeCreationOptionsAsync(
            new PasskeyUserEntity { Id = OpaqueId.Format(account.Id), Name = account.Email, DisplayName = account.Email }, http);
        Keep(http.Response, "register", options.AttestationState);
        return options.CreationOptionsJson;
    }

    /// <summary>False where the answer does not hold, or the account has as many as it may.</summary>
    public async Task<bool> RegisterAsync(HttpContext http, Account account, string credential, string? name)
    {
        var result = await handler.PerformAttestationAsync(
            new PasskeyAttestationContext { CredentialJson = credential, AttestationState = Take(http, "register"), HttpContext = http });
        if (!result.Succeeded || result.UserEntity.Id != OpaqueId.Format(account.Id) ||
            (await users.GetPasskeysAsync(account)).Count >= MostOfAnAccount)
        {
            return false;
        }

        result.Passkey.Name = name;
        return (await users.AddOrUpdatePasskeyAsync(account, result.Passkey)).Succeeded;
    }

    /// <summary>What a browser needs to find a passkey of this hub; whose, it does not say.</summary>
    public async Task<string> AskToSignInAsync(HttpContext http)
    {
        var options = await handler.MakeRequestOptionsAsync(null, http);
        Keep(http.Response, "sign-in", options.AssertionState);
        return options.RequestOptionsJson;
    }

    /// <summary>Whose passkey answered; null where the answer does not hold.</summary>
    public async Task<Account?> SignInAsync(HttpContext http, string credential)
    {
        var result = await handler.PerformAssertionAsync(
            new PasskeyAssertionContext { CredentialJson = credential, AssertionState = Take(http, "sign-in"), HttpContext = http });
        // The count of its uses is written down: a copy of it shows by a lower one.
        return result.Succeeded && (await users.AddOrUpdatePasskeyAsync(result.User, result.Passkey)).Succeeded ? result.User : null;
    }

    private void Keep(HttpResponse response, string purpose, string? state) => response.Cookies.Append(
        CookieName, _protector.Protect($"{purpose}\n{state}", Patience), Options());

    // Removed in every case: a challenge is used once.
    private string? Take(HttpContext http, string purpose)
    {
        http.Response.Cookies.Delete(CookieName, Options());
        try
        {
            return http.Request.Cookies[CookieName] is { Length: < 8192 } text &&
                _protector.Unprotect(text).Split('\n', 2) is [var kept, var state] && kept == purpose
                ? state
                : null;
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    private CookieOptions Options() =>
        new() { HttpOnly = true, Secure = session.IsSecure, SameSite = SameSiteMode.Strict, Path = session.Path, IsEssential = true };
}
