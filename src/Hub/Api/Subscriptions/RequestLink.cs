using System.Security.Cryptography;
using System.Text;
using ActivityHub.Ledger;
using ActivityHub.Ledger.Keys;
using ActivityHub.Ledger.Storage;
using ActivityHub.Ledger.Subscriptions;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace ActivityHub.Hub.Api.Subscriptions;

/// <summary>
/// The link that a 202 of <c>/hub</c> names: its key is derived from the installation's own, as that of a subscription's status link is.
/// </summary>
internal sealed class RequestLink(IDbContextFactory<LedgerContext> contexts, RootKey root, IOptions<HubOptions> hub)
{
    /// <summary>RFC 8631's relation, as in deliveries.</summary>
    public string HeaderFor(long request) =>
        $"<{hub.Value.Base}/hub/requests/{OpaqueId.Format(request)}?key={root.RequestKey(request)}>; rel=\"status\"";

    /// <summary>Null where the key is not the one of the request, or there is none, or none any more.</summary>
    public async Task<HubRequest?> FindAsync(string request, string? key, CancellationToken cancellationToken)
    {
        if (!OpaqueId.TryParse(request, out var id) ||
            !CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(key ?? ""), Encoding.UTF8.GetBytes(root.RequestKey(id))))
        {
            return null;
        }

        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.HubRequests.AsNoTracking().FirstOrDefaultAsync(row => row.Id == id, cancellationToken);
    }
}
