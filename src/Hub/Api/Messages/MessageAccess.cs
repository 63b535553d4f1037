using System.Net.Http.Headers;
using System.Security.Claims;
using System.Text;
using ActivityHub.Hub.Accounts;
using ActivityHub.Hub.Limits;
using ActivityHub.Ledger;
using ActivityHub.Ledger.Access;
using ActivityHub.Ledger.Grants;
using ActivityHub.Ledger.Updates;

namespace ActivityHub.Hub.Api.Messages;

/// <summary>A sender who may write to a phone, and the row of its feed.</summary>
internal sealed record Writer(FeedRow Feed, Grant Grant)
{
    /// <summary>Whose messages the caller sees and takes back; null = all.</summary>
    public long? Own => Grant.IsOwners ? null : Grant.Id;

    public string Name => Grant.IsOwners ? "owner" : Grant.Name;
}

/// <summary>
/// Opens a phone's outbox: to its owner by account token, and to the holder of a grant with the right to reply, by its reader key or as an
/// app. For every other caller it does not exist, as the feed does not; a public grant has no key and so never replies.
/// </summary>
internal sealed class MessageAccess(FeedLoader feeds, FeedAccess access, TimeProvider time)
{
    private const int MaxHeader = 1024;

    // No feed has it: ids are 60 bits without sign.
    private const long NoFeed = -1;

    /// <summary>Null where the caller may not, which is counted as a key that opens nothing.</summary>
    public async Task<Writer?> OpenAsync(HttpRequest request, string feed, CancellationToken cancellationToken)
    {
        var writer = await FindAsync(request, feed, cancellationToken);
        if (writer is null)
        {
            GuessedKeys.Note(request.HttpContext);
        }

        return writer;
    }

    private async Task<Writer?> FindAsync(HttpRequest request, string feed, CancellationToken cancellationToken)
    {
        var feedId = OpaqueId.TryParse(feed, out var parsed) ? parsed : NoFeed;
        var key = KeyOf(request);
        var row = await feeds.FindAsync(feedId, cancellationToken);
        if (request.Headers.Authorization.Count == 0 && PageCall.IsOne(request))
        {
            return row is not null && await OwnerOfPageAsync(request.HttpContext) == row.AccountId
                ? new Writer(row, Grant.OfOwner(row.Id))
                : null;
        }

        // A feed that is not there has no grants, but looking for them takes its time as well.
        var grant = await access.FindAsync(row ?? FeedRow.Missing(feedId), key, time.GetUtcNow(), cancellationToken);
        return row is not null && key is not null && grant is not null && (grant.IsOwners || grant.Rights.HasFlag(GrantRights.Reply))
            ? new Writer(row, grant)
            : null;
    }

    private static async Task<long?> OwnerOfPageAsync(HttpContext http) =>
        await PageCall.AuthenticateAsync(http, TokenAuthentication.SchemeName) is { Principal: { } who } &&
        OpaqueId.TryParse(who.FindFirstValue(ClaimTypes.NameIdentifier), out var account) ? account : null;

    // Never in the address: a person who follows a link to read must not send messages by it unawares.
    private static string? KeyOf(HttpRequest request)
    {
        if (request.Headers.Authorization is not [{ Length: <= MaxHeader } header] ||
            !AuthenticationHeaderValue.TryParse(header, out var value) ||
            value.Parameter is not { Length: > 0 } parameter)
        {
            return null;
        }

        if (value.Scheme.Equals("Bearer", StringComparison.OrdinalIgnoreCase))
        {
            return parameter;
        }

        var decoded = new byte[parameter.Length];
        return value.Scheme.Equals("Basic", StringComparison.OrdinalIgnoreCase) &&
            Convert.TryFromBase64String(parameter, decoded, out var length) &&
            Encoding.UTF8.GetString(decoded, 0, length).Split(':', 2) is [_, { Length: > 0 } password] ? password : null;
    }
}
