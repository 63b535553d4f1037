using ActivityHub.Hub.Errors;
using ActivityHub.Ledger;
using ActivityHub.Ledger.Access;
using ActivityHub.Ledger.Storage;
using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Ledger.Updates;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace ActivityHub.Hub.Subscriptions;

/// <summary>
/// Writes down what subscribers ask for, each request on a row of its own: nothing that is active changes before the callback has confirmed
/// it (WebSub §5.1).
/// </summary>
internal sealed class RequestBook(
    LedgerWriter writer, LedgerSignals signals, IDbContextFactory<LedgerContext> contexts, SecretBox box, IOptions<HubOptions> hub,
    TimeProvider time)
{
    private const int MaxPending = 5;
    private const int MaxTries = 5;
    private const int MaxCandidates = 50;

    public async Task SubscribeAsync(
        SubscribeRequest request, FeedRow feed, Grant grant, int leaseSeconds, long? after, CancellationToken cancellationToken)
    {
        var grantId = IdOf(grant);
        var terms = Terms(request, grantId) with
        {
            Secret = request.Secret is null ? null : box.Seal(request.Secret),
            Signature = request.Signature,
            Delta = request.Delta,
        };
        await TakeAsync(
            VerificationMode.Subscribe,
            feed.Id,
            IdentityOf(request, grantId),
            request.Callback,
            terms,
            verification => verification.Ask(leaseSeconds, after, feed.Head, Sealed(request.VerifyToken)),
            cancellationToken);
    }

    /// <summary>Whether the request renews what is there.</summary>
    public async Task<bool> KnowsAsync(SubscribeRequest request, Grant grant, CancellationToken cancellationToken)
    {
        var (feedId, bucket) = (request.Topic.FeedId, OpaqueId.BucketOf(request.Topic.FeedId));
        var identity = IdentityOf(request, IdOf(grant));
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.Subscriptions.AnyAsync(
            row => row.Bucket == bucket && row.FeedId == feedId && row.Identity == identity && row.State == SubscriptionState.Active, cancellationToken);
    }

    /// <summary>
    /// Asks the callback about every subscription that the request means. A reader key that no longer opens anything is no hindrance: then
    /// the topic as it was given tells which one. Where there is none, nothing is done, and nobody is told.
    /// </summary>
    public async Task UnsubscribeAsync(SubscribeRequest request, Grant? grant, CancellationToken cancellationToken)
    {
        foreach (var (identity, grantId) in await FindAsync(request, grant, cancellationToken))
        {
            await TakeAsync(
                VerificationMode.Unsubscribe,
                request.Topic.FeedId,
                identity,
                request.Callback,
                Terms(request, grantId),
                verification => verification.Ask(0, null, 0, Sealed(request.VerifyToken)),
                cancellationToken);
        }
    }

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

    private async Task TakeAsync(
        VerificationMode mode, long feedId, byte[] identity, string callback, SubscriptionTerms terms, Action<Verification> ask,
        CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await writer.WriteAsync(
                    async context =>
                    {
                        var number = await NextNumberAsync(context, feedId, identity, cancellationToken);
                        var verification = Verification.Of(mode, feedId, identity, number, callback, terms, time.GetUtcNow());
                        ask(verification);
                        context.Add(verification);
                        await context.SaveChangesAsync(cancellationToken);
                    },
                    cancellationToken);
                break;
            }
            catch (DbUpdateException exception) when (attempt < MaxTries && DatabaseFault.IsDuplicate(exception))
            {
                // Another request of this identity was quicker: this one is the later, and takes the next number.
            }
        }

        signals.Raise(new Signal(SignalKind.Verifications, feedId));
    }

    /// <summary>The next number of this identity; what has become too many for it goes.</summary>
    public static async Task<long> NextNumberAsync(
        LedgerContext context, long feedId, byte[] identity, CancellationToken cancellationToken)
    {
        var bucket = OpaqueId.BucketOf(feedId);
        var applied = await context.Subscriptions.Where(row => row.Bucket == bucket && row.FeedId == feedId && row.Identity == identity)
            .Select(row => (long?)row.Applied).FirstOrDefaultAsync(cancellationToken) ?? 0;
        var pending = await context.Verifications.Where(row => row.Bucket == bucket && row.FeedId == feedId && row.Identity == identity)
            .OrderByDescending(row => row.Number).Select(row => new { row.Number, row.Mode }).ToListAsync(cancellationToken);
        // The newest counts; what is far behind it would be void by the time its turn came. A denial is owed all the same, and a webhook
        // whose test delivery went would wait for ever.
        var asked = pending.Where(row => row.Mode is VerificationMode.Subscribe or VerificationMode.Unsubscribe).ToList();
        if (asked.Count >= MaxPending)
        {
            var oldest = asked[MaxPending - 1].Number;
            await context.Verifications
                .Where(row => row.Bucket == bucket && row.FeedId == feedId && row.Identity == identity && row.Number <= oldest &&
                    (row.Mode == VerificationMode.Subscribe || row.Mode == VerificationMode.Unsubscribe))
                .ExecuteDeleteAsync(cancellationToken);
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
