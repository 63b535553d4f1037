using ActivityHub.Ledger;
using ActivityHub.Ledger.Access;
using ActivityHub.Ledger.Grants;
using ActivityHub.Ledger.Updates;
using ActivityHub.Web;

namespace ActivityHub.FeedApi.Access;

/// <summary>The feed's row, the grant under which the caller sees the feed, and whether the same view is public.</summary>
internal sealed record Opened(FeedRow Feed, Grant Grant, bool IsPublic)
{
    /// <summary>True where the owner looks by the eyes of the grant.</summary>
    public bool IsPreview { get; init; }

    /// <summary>The account whose page shows the feed; null for a caller with a key.</summary>
    public long? Owner { get; init; }
}

/// <summary>
/// Opens a feed for a reader. Private, wrong key, unknown feed and malformed id are one and the same to the caller: the same answer,
/// after the same lookups.
/// </summary>
internal sealed class ReaderAccess(FeedLoader feeds, FeedAccess access, TimeProvider time)
{
    // No feed has it: ids are 60 bits without sign.
    private const long NoFeed = -1;

    /// <summary>The key in the address wins over the one in <c>Authorization</c>. Null where the caller may not see the feed.</summary>
    public ValueTask<Opened?> OpenAsync(HttpRequest request, string feed, string? keyInUrl, CancellationToken cancellationToken) =>
        OpenAsync(request, feed, keyInUrl, asGrant: null, cancellationToken);

    /// <summary>The same; the feed's owner may ask to see by the eyes of one of its grants.</summary>
    public async ValueTask<Opened?> OpenAsync(
        HttpRequest request, string feed, string? keyInUrl, string? asGrant, CancellationToken cancellationToken)
    {
        var feedId = OpaqueId.TryParse(feed, out var parsed) ? parsed : NoFeed;
        var key = keyInUrl ?? Credentials.Of(request);
        var row = await feeds.FindAsync(feedId, cancellationToken);
        // A feed that is not there has no grants, but looking for them takes its time as well.
        var asked = row ?? FeedRow.Missing(feedId);
        var grant = await access.FindAsync(asked, key, time.GetUtcNow(), cancellationToken);
        if (row is not null && asGrant is not null)
        {
            grant = grant is { IsOwners: true } && OpaqueId.TryParse(asGrant, out var grantId)
                ? await access.FindAsync(row, grantId, time.GetUtcNow(), cancellationToken)
                : null;
        }

        return row is null || !MayRead(grant) ? null : new Opened(row, grant!, IsPublic: key is null) { IsPreview = asGrant is not null };
    }

    /// <summary>
    /// Opens a feed for its owner's own pages, identified by a session; on request with the view of one grant. Null where the account does
    /// not own the feed.
    /// </summary>
    public async ValueTask<Opened?> OpenOwnAsync(long accountId, string feed, string? asGrant, CancellationToken cancellationToken)
    {
        if (await feeds.FindAsync(OpaqueId.TryParse(feed, out var parsed) ? parsed : NoFeed, cancellationToken) is not { } row ||
            row.AccountId != accountId)
        {
            return null;
        }

        var grant = asGrant is null ? Grant.OfOwner(row.Id)
            : OpaqueId.TryParse(asGrant, out var grantId)
                ? await access.FindAsync(row, grantId, time.GetUtcNow(), cancellationToken)
                : null;
        return MayRead(grant) ? new Opened(row, grant!, IsPublic: false) { Owner = accountId, IsPreview = asGrant is not null } : null;
    }

    /// <summary>The same caller again, after the feed's access version has changed; null where the grant is gone.</summary>
    public async ValueTask<Grant?> ReopenAsync(FeedRow feed, Opened opened, string? key, CancellationToken cancellationToken)
    {
        if (opened.Owner is { } owner)
        {
            return feed.AccountId == owner ? Grant.OfOwner(feed.Id) : null;
        }

        var grant = await access.FindAsync(feed, key, time.GetUtcNow(), cancellationToken);
        return MayRead(grant) ? grant : null;
    }

    private static bool MayRead(Grant? grant) => grant is not null && (grant.Rights & GrantRights.Read) != 0;
}
