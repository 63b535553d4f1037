using System.Security.Cryptography;
using System.Text;
using ActivityHub.Ledger.Storage;
using Microsoft.EntityFrameworkCore;
using OpenIddict.Abstractions;

namespace ActivityHub.Ledger.Apps;

/// <summary>
/// Finds the consent of an app's access token. The row is read each time, whichever process wrote it: the end of the token or of the
/// consent takes effect at once, on every node and in every role.
/// </summary>
public sealed class AppAccess(IDbContextFactory<LedgerContext> contexts, TimeProvider time)
{
    // 256 bits in base64url: a text of another length is not a token and is not looked up.
    private const int TokenLength = 43;

    /// <summary>OpenIddict stores the token as this hash.</summary>
    public static string ReferenceOf(string token) => Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(token)));

    /// <summary>Null where the token is none, has ended, or its consent has.</summary>
    public async ValueTask<string?> FindConsentAsync(string? token, CancellationToken cancellationToken)
    {
        if (token is not { Length: TokenLength })
        {
            return null;
        }

        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await Valid(context, token).Select(row => row.Authorization!.Id).FirstOrDefaultAsync(cancellationToken);
    }

    /// <summary>The grant by which a token opens a feed; null where it opens it not.</summary>
    public async ValueTask<long?> FindGrantAsync(long feedId, string token, CancellationToken cancellationToken)
    {
        if (token.Length != TokenLength)
        {
            return null;
        }

        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await Valid(context, token)
            .Join(context.AppGrants.Where(tie => tie.FeedId == feedId), row => row.Authorization!.Id, tie => tie.ConsentId, (_, tie) => tie)
            .OrderBy(tie => tie.GrantId).Select(tie => (long?)tie.GrantId).FirstOrDefaultAsync(cancellationToken);
    }

    private IQueryable<AppToken> Valid(LedgerContext context, string token)
    {
        var reference = ReferenceOf(token);
        var now = time.GetUtcNow().UtcDateTime;
        return context.AppTokens.AsNoTracking().Where(row =>
            row.ReferenceId == reference && row.Type == OpenIddictConstants.TokenTypeIdentifiers.AccessToken &&
            row.Status == OpenIddictConstants.Statuses.Valid && row.ExpirationDate > now &&
            row.Authorization!.Status == OpenIddictConstants.Statuses.Valid);
    }
}
