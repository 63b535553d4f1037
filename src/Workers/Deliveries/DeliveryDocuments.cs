using ActivityHub.Ledger;
using ActivityHub.Ledger.Access;
using ActivityHub.Ledger.Updates;
using ActivityHub.Syndication;
using Microsoft.Extensions.Options;

namespace ActivityHub.Workers.Deliveries;

/// <summary>Renders the document of a POST. Atom and RSS carry what is new (WebSub §7); the JSON formats the topic's contents as of then.</summary>
internal sealed class DeliveryDocuments(IFeedLog log, IOptions<HubOptions> hub, IOptions<DeliveryOptions> options, TimeProvider time)
{
    private const int FullContents = 50;

    public async Task<byte[]> RenderAsync(FeedRow feed, Subscriber subscriber, Grant grant, Positions positions, NextBatch batch, CancellationToken cancellationToken)
    {
        var newestFirst = batch.Shown.Reverse().ToList();
        if (subscriber.Format is FeedFormat.Json or FeedFormat.Js or FeedFormat.GeoJson && !subscriber.Delta)
        {
            await AddOlderAsync(newestFirst, subscriber, grant, cancellationToken);
        }

        return FeedDocument.Render(
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
    }

    // All that is new, and older ones up to 50 or the size of a document.
    private async Task AddOlderAsync(List<FeedUpdate> newestFirst, Subscriber subscriber, Grant grant, CancellationToken cancellationToken)
    {
        var room = FullContents - newestFirst.Count;
        if (room <= 0)
        {
            return;
        }

        var now = time.GetUtcNow();
        var bytes = newestFirst.Sum(update => update.Weight);
        foreach (var update in await log.ReadBeforeAsync(subscriber.FeedId, newestFirst[^1].Seq, subscriber.Kinds, room, cancellationToken))
        {
            if (View.Of(update, grant, subscriber.Kinds, now) is not { IsShown: true, Update: { } visible })
            {
                continue;
            }

            bytes += visible.Weight;
            if (bytes > options.Value.MaxKibibytes * 1024)
            {
                return;
            }

            newestFirst.Add(visible);
        }
    }
}
