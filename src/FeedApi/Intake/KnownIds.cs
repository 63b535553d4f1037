using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using ActivityHub.Ledger.Devices;
using ActivityHub.Ledger.Places;
using ActivityHub.Ledger.Updates;

namespace ActivityHub.FeedApi.Intake;

/// <summary>
/// Informs a phone's owner about an update that was not stored because its id belongs to a different update: a phone restored from a backup
/// counts from an older number, and a cloned one uses the same ids. A repeat of the same update is not reported.
/// </summary>
internal sealed class KnownIds(IFeedLog log, LastSeenRecorder sightings)
{
    private const string Native = "native";

    // At most this many repeats of a batch are compared, in one statement.
    private const int MostCompared = 10;

    /// <summary>Compares repeats with the stored updates. Reads the log only where the append found ids that were already stored.</summary>
    public async ValueTask CompareAsync(
        long feedId, IReadOnlyList<NewUpdate> updates, AppendOutcome.Appended appended, CancellationToken cancellationToken)
    {
        if (appended.Duplicates == 0)
        {
            return;
        }

        // Two updates with one id in one batch share a number; they come first. Other repeats come before new updates, which have the
        // highest numbers.
        var suspects = updates.Zip(appended.Seqs, (update, seq) => (Update: update, Seq: seq))
            .Where(one => one.Update is { IsNamed: true, ClientId: not null })
            .GroupBy(one => one.Seq).OrderBy(same => same.Count() == 1).ThenBy(same => same.Key).Take(MostCompared).ToList();
        if (suspects.Count == 0)
        {
            return;
        }

        var found = await log.ReadAfterAsync(
            [.. suspects.Select(same => new LogRange(feedId, same.Key - 1, same.Key, null, 1))], cancellationToken);
        var stored = found.SelectMany(one => one).ToDictionary(one => one.Seq);
        foreach (var (update, seq) in suspects.SelectMany(same => same))
        {
            if (stored.TryGetValue(seq, out var first) && first.ClientId == update.ClientId && first.EntryId != update.EntryId &&
                Differs(first, update))
            {
                sightings.Note(feedId, Native, app: null, string.Create(
                    CultureInfo.InvariantCulture,
                    $"An update was not stored: its id \"{update.ClientId}\" is the one of another update (number {seq}) whose content is "
                    + $"different. Send each update under an id of its own."));
                return;
            }
        }
    }

    private static bool Differs(FeedUpdate first, NewUpdate update) =>
        first.WithdrawnBy is null &&
        (first.Kind != update.Kind || first.Title != update.Title || !IsSamePlace(first, update.Location) ||
            !IsSameData(first.Data, update.Data) ||
            (update.At is { } at && Math.Abs((at - first.At).Ticks) >= TimeSpan.TicksPerMillisecond));

    private static bool IsSamePlace(FeedUpdate first, Place? place) => place is null
        ? first.Lat is null
        : first.Lat is { } lat && first.Lon is { } lon && Math.Abs(lat - place.Lat) < 1e-7 && Math.Abs(lon - place.Lon) < 1e-7;

    // The stored data also contains the number of merged updates, unless the phone wrote such a member itself.
    private static bool IsSameData(string? stored, string? sent)
    {
        if (stored == sent)
        {
            return true;
        }

        try
        {
            var (one, other) = (Parse(stored), Parse(sent));
            if (!other.ContainsKey("merged"))
            {
                one.Remove("merged");
            }

            return JsonNode.DeepEquals(one, other);
        }
        catch (Exception exception) when (exception is JsonException or ArgumentException or InvalidOperationException)
        {
            return false;
        }

        static JsonObject Parse(string? data) => data is null ? [] : JsonNode.Parse(data)!.AsObject();
    }
}
