using ActivityHub.Ledger.Grants;
using ActivityHub.Ledger.Keys;
using ActivityHub.Ledger.Updates;
using ActivityHub.Syndication;

namespace ActivityHub.FeedApi.Reading;

/// <summary>Exports all updates of a feed as their owner sees them, in the native form, one a line.</summary>
public sealed class FeedExport(IFeedLog log, RootKey root, LogGeneration generation)
{
    private const int Step = 500;

    /// <summary>Writes the updates up to <paramref name="head"/>, oldest first, in bounded parts.</summary>
    public async Task WriteAsync(long feedId, long head, Stream output, CancellationToken cancellationToken)
    {
        var positions = Positions.For(Grant.OfOwner(feedId), root, generation.Current);
        var lineEnd = "\n"u8.ToArray();
        for (long after = 0; after < head;)
        {
            var updates = await log.ReadAfterAsync(new LogRange(feedId, after, head, null, Step), cancellationToken);
            foreach (var update in updates)
            {
                await output.WriteAsync(NativeUpdate.Render(update, positions), cancellationToken);
                await output.WriteAsync(lineEnd, cancellationToken);
            }

            if (updates.Count < Step)
            {
                return;
            }

            after = updates[^1].Seq;
        }
    }
}
