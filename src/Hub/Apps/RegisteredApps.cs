using System.Security.Cryptography;
using System.Text;
using ActivityHub.Ledger.Apps;
using Microsoft.Extensions.Options;
using OpenIddict.Abstractions;
using OpenIddict.Core;

namespace ActivityHub.Hub.Apps;

/// <summary>OpenIddict's apps, with the hub's own rules for what an app shows: its secret and its redirect URI.</summary>
internal sealed class RegisteredApps(
    IOpenIddictApplicationCache<App> cache, ILogger<OpenIddictApplicationManager<App>> logger,
    IOptionsMonitor<OpenIddictCoreOptions> options, IOpenIddictApplicationStore<App> store)
    : OpenIddictApplicationManager<App>(cache, logger, options, store)
{
    // A secret is 256 random bits drawn by the hub, so it cannot be guessed, however fast a guess is. A slow hash would only let strangers
    // use up the processor.
    // use up the processor.
    private const string Fast = "sha256:";

    // Secrets that an earlier version has hashed slowly are checked one at a time, and hashed anew once they were right.
    private static readonly SemaphoreSlim Slow = new(1, 1);

    public override async ValueTask<bool> ValidateClientSecretAsync(
        App application, string secret, CancellationToken cancellationToken = default)
    {
        if (!AppSecret.IsOne(secret) || !await base.ValidateClientSecretAsync(application, secret, cancellationToken))
        {
            return false;
        }

        if (application.ClientSecret?.StartsWith(Fast, StringComparison.Ordinal) == false)
        {
            try
            {
                await UpdateAsync(application, secret, cancellationToken);
            }
            catch (OpenIddictExceptions.ConcurrencyException)
            {
                // Another request has hashed it anew.
            }
        }

        return true;
    }

    /// <summary>
    /// A redirect to loopback may name any port, whichever is registered (RFC 8252 §7.3): a native app uses the port that it gets.
    /// </summary>
    public override async ValueTask<bool> ValidateRedirectUriAsync(
        App application, string uri, CancellationToken cancellationToken = default) =>
        await base.ValidateRedirectUriAsync(application, uri, cancellationToken) ||
        (Loopback.Of(uri) is { } asked &&
            (await GetRedirectUrisAsync(application, cancellationToken)).Any(registered => Loopback.Of(registered) == asked));

    protected override ValueTask<string> ObfuscateClientSecretAsync(string secret, CancellationToken cancellationToken = default) =>
        new(FastHash(secret));

    protected override async ValueTask<bool> ValidateClientSecretAsync(
        string secret, string comparand, CancellationToken cancellationToken = default)
    {
        if (comparand.StartsWith(Fast, StringComparison.Ordinal))
        {
            return CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(comparand), Encoding.UTF8.GetBytes(FastHash(secret)));
        }

        await Slow.WaitAsync(cancellationToken);
        try
        {
            return await base.ValidateClientSecretAsync(secret, comparand, cancellationToken);
        }
        finally
        {
            Slow.Release();
        }
    }

    private static string FastHash(string secret) => Fast + Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));

    /// <summary>A loopback address but for its port.</summary>
    private sealed record Loopback(string Host, string PathAndQuery)
    {
        public static Loopback? Of(string text) =>
            RedirectUris.IsAllowed(text) && Uri.TryCreate(text, UriKind.Absolute, out var uri) && RedirectUris.IsLoopback(uri)
                ? new Loopback(uri.Host, uri.PathAndQuery)
                : null;
    }
}
