using ActivityHub.FeedApi.Ingest;
using ActivityHub.Ledger.Access;
using ActivityHub.Ledger.Devices;
using ActivityHub.Ledger.Updates;

namespace ActivityHub.FeedApi.Phones;

/// <summary>
/// Takes in what a phone's app sent: reads it by its format, and has it on disk, what could not be read included, before anybody answers. The same for
/// whatever way it came.
/// </summary>
internal sealed partial class PhoneIntake(DecidedAppend append, KnownReadings known, SightingBook sightings, ILogger<PhoneIntake> logger)
{
    // An append is bounded; more than this in one message goes in several, one after the other.
    private const int MostAtOnce = UpdateParser.MaxUpdates;
    private const int MostRejected = 50;

    /// <summary>Null where the writer may not write any more; an outcome other than appended where nothing, or not everything, was stored.</summary>
    public async Task<(AppendOutcome? Outcome, PhoneReading Reading)> TakeAsync(
        WriteDecision decision, Func<ValueTask<WriteDecision?>> again, IPhoneFormat format, PhoneRequest request, PhoneReading? refused = null)
    {
        var reading = refused ?? Read(format, request);
        var renewed = default(WriteDecision);
        var outcome = await AppendAsync(decision, UnlessRulesChangedAsync, format, request, reading);
        if (outcome is null && renewed is not null)
        {
            // By the rules that hold now: what the owner has just set is for this message too.
            request.Rules = renewed.Rules;
            reading = refused ?? Read(format, request);
            outcome = await AppendAsync(renewed, again, format, request, reading);
        }

        if (outcome is AppendOutcome.Refused fault && reading.Updates.Count > 0)
        {
            // The database will not take it, whoever asks how often: it is kept as what could not be read, so that it blocks no queue.
            reading = new PhoneReading();
            reading.Reject(request.Body, $"The database does not take it: {fault.Reason}");
            outcome = await AppendAsync(decision, again, format, request, reading);
        }

        if (outcome is AppendOutcome.Appended)
        {
            sightings.Note(decision.FeedId, format.Name, request.App, reading.Rejected.Count > 0 ? reading.Rejected[^1].Reason : null);
        }

        return (outcome, reading);

        async ValueTask<WriteDecision?> UnlessRulesChangedAsync()
        {
            var found = await again();
            renewed = found is not null && found.FeedId == decision.FeedId && found.Rules != decision.Rules ? found : null;
            return renewed is null ? found : null;
        }
    }

    /// <summary>Reads it by its format, and drops the kinds that the owner does not want.</summary>
    public PhoneReading Read(IPhoneFormat format, PhoneRequest request)
    {
        if (request.IsEmpty)
        {
            return new PhoneReading();
        }

        try
        {
            var reading = format.Read(request);
            reading.Keep(update => request.Rules.Takes(update.Kind));
            return reading;
        }
#pragma warning disable CA1031 // A fault of ours must neither lose what a phone sent nor block its queue: it is kept, and read again once that is mended.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.Failed(logger, format.Name, exception);
            var reading = new PhoneReading();
            reading.Reject(request.Body, "The hub failed to read it, which is a fault of the hub; its log says more.");
            return reading;
        }
    }

    /// <summary>Has on disk what was read, and what was not; null where the writer may not write any more.</summary>
    public async Task<AppendOutcome?> AppendAsync(
        WriteDecision decision, Func<ValueTask<WriteDecision?>> again, IPhoneFormat format, PhoneRequest request, PhoneReading reading)
    {
        var rejected = Kept(decision.FeedId, format, request, reading);
        if (reading.Updates.Count == 0 && rejected.Count == 0)
        {
            return new AppendOutcome.Appended([], 0);
        }

        // Whoever is told the number of each of his updates is told those of repeats as well.
        var updates = format.TellsNumbers ? reading.Updates : known.Without(decision.FeedId, reading.Updates);
        var seqs = new List<long>(updates.Count);
        var (duplicates, merged, hasMail) = (0, 0, false);
        for (var from = 0; from == 0 || from < updates.Count; from += MostAtOnce)
        {
            var part = updates.Count <= MostAtOnce ? updates : [.. updates.Skip(from).Take(MostAtOnce)];
            var outcome = await append.AppendAsync(decision, again, part, from == 0 ? rejected : []);
            if (outcome is not AppendOutcome.Appended appended)
            {
                return outcome;
            }

            known.Note(decision.FeedId, part);
            seqs.AddRange(appended.Seqs);
            (duplicates, merged, hasMail) = (duplicates + appended.Duplicates, merged + appended.Merged, appended.HasMail);
        }

        return new AppendOutcome.Appended(seqs, duplicates) { HasMail = hasMail, Merged = merged };
    }

    private static List<RejectedMessage> Kept(long feedId, IPhoneFormat format, PhoneRequest request, PhoneReading reading)
    {
        if (reading.Rejected.Count == 0)
        {
            return [];
        }

        var envelope = request.Envelope();
        if (reading.Rejected.Count <= MostRejected)
        {
            return [.. reading.Rejected.Select(part => Kept(part.Body, part.Length, part.Reason))];
        }

        // A message of which that much is at fault is kept in one piece: what was right in it is known when it is read again.
        return [Kept(request.Body, request.Body.Length, $"{reading.Rejected.Count} parts cannot be read; the first: {reading.Rejected[0].Reason}")];

        RejectedMessage Kept(ReadOnlyMemory<byte> body, int length, string reason) =>
            RejectedMessage.Keep(feedId, format.Name, reason, envelope, body.Span, length, request.Now);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "A message could not be read as {Format}; it is kept with what was rejected")]
        public static partial void Failed(ILogger logger, string format, Exception exception);
    }
}
