using ActivityHub.Ledger;
using ActivityHub.Ledger.Grants;
using ActivityHub.Ledger.Keys;
using ActivityHub.Ledger.Storage;
using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Ledger.Updates;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace ActivityHub.Hub.Api.Subscriptions;

/// <summary>
/// Writes down what subscribers ask for, each request on a row of its own: nothing that is active changes before the callback has confirmed
/// it (WebSub §5.1).
/// </summary>
internal sealed class SubscriptionRequests(
    LedgerWriter writer, LedgerSignals signals, IDbContextFactory<LedgerContext> contexts, SecretBox box, VerificationPause pause,
    IOptions<HubOptions> hub, TimeProvider time)
{
    private const string NothingThere = "There is no such subscription: nothing was asked, and nothing had to be ended.";

    private const int MaxPending = 5;
    private const int MaxCandidates = 50;

    /// <summary>The number of the request, for its status link; null where the feed is gone by now.</summary>
    public async Task<long?> SubscribeAsync(
        SubscribeRequest request, FeedRow feed, Grant grant, Sender sender, int leaseSeconds, ReaderPlace? after,
        CancellationToken cancellationToken)
    {
        var grantId = IdOf(grant);
        var terms = Terms(request, grantId) with
        {
            Secret = request.Secret is null ? null : box.Seal(request.Secret),
            Signature = request.Signature,
            Delta = request.Delta,
        };
        return await TakeAsync(
            VerificationMode.Subscribe,
            feed.Id,
            IdentityOf(request, grantId),
            request,
            sender,
            terms,
            verification => verification.Ask(leaseSeconds, after, feed.Head, Sealed(request.VerifyToken)),
            cancellationToken);
    }

    /// <summary>Whether the request renews an existing subscription.</summary>
    public async Task<bool> KnowsAsync(SubscribeRequest request, Grant grant, CancellationToken cancellationToken)
    {
        var (feedId, bucket) = (request.Topic.FeedId, OpaqueId.BucketOf(request.Topic.FeedId));
        var identity = IdentityOf(request, IdOf(grant));
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.Subscriptions.AnyAsync(
            row => row.Bucket == bucket && row.FeedId == feedId && row.Identity == identity && row.State == SubscriptionState.Active,
            cancellationToken);
    }

    /// <summary>
    /// Starts the verification of every subscription that the request names. An expired reader key does not prevent this: then the topic as
    /// it was given identifies the subscription. Where there is none, no callback is called: a request without a key could make the hub
    /// call any address.
    /// </summary>
    /// <returns>The number of the request, for its status link; null for a sender without a key, who must not learn about existing
    /// subscriptions.</returns>
    public async Task<long?> UnsubscribeAsync(SubscribeRequest request, Grant? grant, Sender sender, CancellationToken cancellationToken)
    {
        long? taken = null;
        foreach (var (identity, grantId) in await FindAsync(request, grant, cancellationToken))
        {
            taken = await TakeAsync(
                VerificationMode.Unsubscribe,
                request.Topic.FeedId,
                identity,
                request,
                sender,
                Terms(request, grantId),
                verification => verification.Ask(0, null, 0, Sealed(request.VerifyToken)),
                cancellationToken) ?? taken;
        }

        return !sender.HasKey || grant is null ? null : taken ?? await NoteNothingAsync(request, grant, sender, cancellationToken);
    }

    private Task<long?> NoteNothingAsync(SubscribeRequest request, Grant grant, Sender sender, CancellationToken cancellationToken) =>
        writer.WriteAsync<long?>(
        async context =>
        {
            var (grantId, now) = (IdOf(grant), time.GetUtcNow());
            var nobody = Verification.Of(
                VerificationMode.Unsubscribe, request.Topic.FeedId, IdentityOf(request, grantId), 0, request.Callback,
                Terms(request, grantId), now);
            var asked = HubRequest.Of(nobody, sender.HasKey, sender.Network);
            asked.End(RequestState.NothingThere, NothingThere, null, now);
            context.Add(asked);
            await context.SaveChangesAsync(cancellationToken);
            await context.ForgetOldestAsync(asked, cancellationToken);
            return asked.Id;
        },
        cancellationToken);

    private async Task<IReadOnlyList<(byte[] Identity, long? GrantId)>> FindAsync(
        SubscribeRequest request, Grant? grant, CancellationToken cancellationToken)
    {
        var topic = request.Topic;
        var (bucket, feedId, format, kinds, callback) = (OpaqueId.BucketOf(topic.FeedId), topic.FeedId, topic.Format, topic.Kinds,
            request.Callback);
        var identity = grant is null ? [] : IdentityOf(request, IdOf(grant));
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var active = await context.Subscriptions
            .Where(row => row.Bucket == bucket && row.FeedId == feedId && row.State == SubscriptionState.Active &&
                (row.Identity == identity || (row.Callback == callback && row.Format == format && row.Kinds == kinds)))
            .OrderBy(row => row.Id).Select(row => new Candidate(row.Identity, row.GrantId, row.Topic)).Take(MaxCandidates)
            .ToListAsync(cancellationToken);
        var asked = await context.Verifications
            .Where(row => row.Bucket == bucket && row.FeedId == feedId && row.Mode == VerificationMode.Subscribe &&
                (row.Identity == identity || (row.Callback == callback && row.Format == format && row.Kinds == kinds)))
            .OrderBy(row => row.Id).Select(row => new Candidate(row.Identity, row.GrantId, row.Topic)).Take(MaxCandidates)
            .ToListAsync(cancellationToken);
        return
        [
            .. active.Concat(asked)
                .Where(row => row.Identity.AsSpan().SequenceEqual(identity) || IsOf(row, topic))
                .DistinctBy(row => Convert.ToHexString(row.Identity))
                .Select(row => (row.Identity, row.GrantId)),
        ];
    }

    private bool IsOf(Candidate row, Topic topic) =>
        box.TryOpen(row.Topic) is { } text && Topic.TryParse(text, hub.Value.PublicUrl, out var stored, out _) && stored == topic;

    private async Task<long?> TakeAsync(
        VerificationMode mode, long feedId, byte[] identity, SubscribeRequest request, Sender sender, SubscriptionTerms terms,
        Action<Verification> ask, CancellationToken cancellationToken)
    {
        var taken = await writer.WriteAsync<long?>(
            async context =>
            {
                // Two of one identity take turns: each draws a number of its own, and the later request has the higher one.
                if (await context.LockFeedRowAsync(feedId, cancellationToken) is null)
                {
                    return null;
                }

                var now = time.GetUtcNow();
                var dueAt = await pause.TakePlaceAsync(context, feedId, identity, mode, now, cancellationToken);
                var number = await NextNumberAsync(context, feedId, identity, now, cancellationToken);
                var isProven = sender.HasKey || await IsProvenAsync(context, feedId, identity, request, cancellationToken);
                var verification = Verification.Of(
                    mode, feedId, identity, number, request.Callback, terms with { IsProven = isProven }, now);
                ask(verification);
                verification.WaitUntil(dueAt);
                context.Add(verification);
                context.Add(HubRequest.Of(verification, sender.HasKey, sender.Network));
                await context.SaveChangesAsync(cancellationToken);
                return verification.Id;
            },
            cancellationToken);
        if (taken is not null)
        {
            signals.Raise(new Signal(SignalKind.Verifications, feedId));
        }

        return taken;
    }

    private async Task<bool> IsProvenAsync(
        LedgerContext context, long feedId, byte[] identity, SubscribeRequest request, CancellationToken cancellationToken)
    {
        if (request.Proof is not { } proof)
        {
            return false;
        }

        var bucket = OpaqueId.BucketOf(feedId);
        var kept = await context.Subscriptions
            .Where(row => row.Bucket == bucket && row.FeedId == feedId && row.Identity == identity && row.State == SubscriptionState.Active)
            .Select(row => row.ProvenSecret).FirstOrDefaultAsync(cancellationToken);
        return kept is not null && box.TryOpen(kept) is { } secret && request.IsProvenBy(secret, proof);
    }

    /// <summary>Returns the next number of this identity, and removes requests beyond its limit.</summary>
    public static async Task<long> NextNumberAsync(
        LedgerContext context, long feedId, byte[] identity, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var bucket = OpaqueId.BucketOf(feedId);
        var applied = await context.Subscriptions.Where(row => row.Bucket == bucket && row.FeedId == feedId && row.Identity == identity)
            .Select(row => (long?)row.AppliedRequest).FirstOrDefaultAsync(cancellationToken) ?? 0;
        var pending = await context.Verifications.Where(row => row.Bucket == bucket && row.FeedId == feedId && row.Identity == identity)
            .OrderByDescending(row => row.Number).Select(row => new { row.Number, row.Mode }).ToListAsync(cancellationToken);
        // The newest request counts; a much older one would be void at its turn. A denial must still be sent, and a webhook whose test
        // delivery was removed would wait for ever.
        var asked = pending.Where(row => row.Mode is VerificationMode.Subscribe or VerificationMode.Unsubscribe).ToList();
        if (asked.Count >= MaxPending)
        {
            var oldest = asked[MaxPending - 1].Number;
            var overtaken = context.Verifications
                .Where(row => row.Bucket == bucket && row.FeedId == feedId && row.Identity == identity && row.Number <= oldest &&
                    (row.Mode == VerificationMode.Subscribe || row.Mode == VerificationMode.Unsubscribe));
            var gone = await overtaken.Select(row => row.Id).ToListAsync(cancellationToken);
            await overtaken.ExecuteDeleteAsync(cancellationToken);
            await context.RequestsOf(feedId, identity).Where(row => gone.Contains(row.Id))
                .EndAsync(RequestState.Overtaken, VerificationPause.Overtaken, now, cancellationToken);
        }

        return 1 + Math.Max(applied, pending.Count == 0 ? 0 : pending[0].Number);
    }

    private SubscriptionTerms Terms(SubscribeRequest request, long? grantId) => new()
    {
        Format = request.Topic.Format,
        Kinds = request.Topic.Kinds,
        GrantId = grantId,
        Topic = box.Seal(request.TopicText),
    };

    private byte[]? Sealed(string? text) => text is null ? null : box.Seal(text);

    // What an owner sees is no row: its id is 0.
    private static long? IdOf(Grant grant) => grant.Id == 0 ? null : grant.Id;

    private static byte[] IdentityOf(SubscribeRequest request, long? grantId) =>
        request.Topic.IdentityWith(CallbackUrl.Compared(request.Callback), grantId);

    private sealed record Candidate(byte[] Identity, long? GrantId, byte[] Topic);
}

/// <summary>Who asks, as far as the hub can tell.</summary>
/// <param name="HasKey">It has a reader key that opens the feed.</param>
/// <param name="Network">Where it comes from.</param>
internal sealed record Sender(bool HasKey, string Network);
