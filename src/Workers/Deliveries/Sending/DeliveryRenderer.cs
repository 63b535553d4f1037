using ActivityHub.Ledger;
using ActivityHub.Ledger.Access;
using ActivityHub.Ledger.Grants;
using ActivityHub.Ledger.Keys;
using ActivityHub.Ledger.Updates;
using ActivityHub.Syndication;
using ActivityHub.Workers.Settings;
using Microsoft.Extensions.Options;

namespace ActivityHub.Workers.Deliveries.Sending;

/// <summary>The older contents of a document, beside the new updates.</summary>
/// <param name="Older">Whether older updates fill it up, where its format shows the topic's contents.</param>
/// <param name="LeftOut">Which of those are parked for its subscription; null = none.</param>
internal readonly record struct DocumentShape(bool Older, IReadOnlySet<long>? LeftOut);

/// <summary>
/// Renders the document of a POST. Atom and RSS carry the new updates (WebSub §7); the JSON formats carry the topic's contents of that
/// moment.
/// </summary>
internal sealed class DeliveryRenderer(
    IFeedLog log, RootKey root, LogGeneration generation, IOptions<HubOptions> hub, IOptions<DeliveryOptions> options, TimeProvider time)
{
    private const int FullContents = 50;
    private const int MostSteps = 10;

    /// <summary>The bytes, and whether older updates are in them.</summary>
    public async Task<(byte[] Document, bool WithOlder)> RenderAsync(
        FeedRow feed, Subscriber subscriber, Grant grant, Positions positions, NextBatch batch, DocumentShape shape,
        CancellationToken cancellationToken)
    {
        var newestFirst = batch.Shown.Reverse().ToList();
        if (shape.Older && subscriber.ShowsContents)
        {
            await AddOlderAsync(newestFirst, subscriber, grant, shape.LeftOut, cancellationToken);
        }

        var document = FeedRenderer.Render(
            subscriber.Format,
            new FeedDescription
            {
                FeedId = feed.Id,
                Title = feed.Title,
                HubUrl = $"{hub.Value.Base}/hub",
                SelfUrl = subscriber.Self,
                Updated = batch.Shown[^1].Received,
                Positions = positions,
            },
            newestFirst);
        return (document, newestFirst.Count > batch.Shown.Count);
    }

    /// <summary>The document of a test delivery, which holds no update.</summary>
    public byte[] Empty(FeedRow feed, FeedFormat format, string self) => FeedRenderer.Render(
        format,
        new FeedDescription
        {
            FeedId = feed.Id,
            Title = feed.Title,
            HubUrl = $"{hub.Value.Base}/hub",
            SelfUrl = self,
            Updated = feed.CreatedAt,
            Positions = Positions.For(Grant.OfOwner(feed.Id), root, generation.Current),
        },
        []);

    // All new updates, and older ones up to 50 or the size of a document; updates that the view hides take up no place.
    private async Task AddOlderAsync(
        List<FeedUpdate> newestFirst, Subscriber subscriber, Grant grant, IReadOnlySet<long>? leftOut, CancellationToken cancellationToken)
    {
        if (!GrantedLog.TryNarrow(grant, subscriber.Kinds, out var kinds))
        {
            return;
        }

        var now = time.GetUtcNow();
        var bytes = newestFirst.Sum(update => update.Weight);
        var before = newestFirst[^1].Seq;
        for (var step = 0; step < MostSteps && newestFirst.Count < FullContents; step++)
        {
            var length = grant.HidesNothing && leftOut is null ? FullContents - newestFirst.Count : GrantedLog.StepLength;
            var older = await log.ReadBeforeAsync(subscriber.FeedId, before, kinds, length, cancellationToken);
            foreach (var update in older)
            {
                before = update.Seq;
                if (leftOut?.Contains(update.Seq) == true ||
                    View.Of(update, grant, subscriber.Kinds, now) is not { IsShown: true, Update: { } visible })
                {
                    continue;
                }

                bytes += visible.Weight;
                if (newestFirst.Count == FullContents || bytes > options.Value.MaxKibibytes * 1024)
                {
                    return;
                }

                newestFirst.Add(visible);
            }

            if (older.Count < length || GrantedLog.IsBefore(older[^1], grant))
            {
                return;
            }
        }
    }
}
