using ActivityHub.FeedApi.Intake.Parsing;
using ActivityHub.Ledger.Access;
using ActivityHub.Ledger.Devices;
using ActivityHub.Ledger.Updates;

namespace ActivityHub.FeedApi.Intake;

/// <summary>
/// Reads an app's message by its format and stores it, including the parts that could not be read, before the request is answered. HTTP and
/// MQTT use the same intake.
/// </summary>
internal sealed partial class PhoneIntake(
    DecidedAppend append, KnownReadings known, LastSeenRecorder sightings, ILogger<PhoneIntake> logger)
{
    // An append is bounded: a message with more updates is stored by several appends, one after the other.
    private const int MostAtOnce = UpdateParser.MaxUpdates;

    // A GPS receiver whose week counter has overflowed is 1,024 weeks behind.
    private static readonly TimeSpan Rollover = TimeSpan.FromDays(7 * 1024);
    private static readonly TimeSpan RolloverAge = TimeSpan.FromDays(30);

    /// <summary>
    /// Reads and stores a message. Returns null where the key may no longer write. An outcome other than appended means that nothing or
    /// only a part was stored. Refused means that the message is too large, or could be neither read nor stored whole;
    /// <see cref="PhoneReading.Excess"/> has the reason.
    /// </summary>
    public async Task<(AppendOutcome? Outcome, PhoneReading Reading)> TakeAsync(
        WriteDecision decision, Func<ValueTask<WriteDecision?>> again, IPhoneFormat format, PhoneRequest request)
    {
        var reading = Read(format, request);
        var renewed = default(WriteDecision);
        var outcome = await AppendAsync(decision, UnlessRulesChangedAsync, format, request, reading);
        if (outcome is null && renewed is not null)
        {
            // The owner has changed the rules since the decision was cached: the message is read again under the current rules.
            request.Rules = renewed.Rules;
            reading = Read(format, request);
            outcome = await AppendAsync(renewed, again, format, request, reading);
        }

        if (outcome is AppendOutcome.Refused fault && reading.Excess is null && reading.Updates.Count > 0)
        {
            // The database always refuses this data. The message is stored in the rejected log, so that it does not block the app's queue.
            reading = new PhoneReading();
            reading.Reject(request.Body, $"The database does not take it: {fault.Reason}");
            outcome = await AppendAsync(decision, again, format, request, reading);
        }

        if (outcome is AppendOutcome.Appended || reading.Excess is not null)
        {
            Note(decision.FeedId, format, request, reading);
        }

        return (outcome, reading);

        async ValueTask<WriteDecision?> UnlessRulesChangedAsync()
        {
            var found = await again();
            renewed = found is not null && found.FeedId == decision.FeedId && found.Rules != decision.Rules ? found : null;
            return renewed is null ? found : null;
        }
    }

    /// <summary>Records for the owner when the phone last sent a message, and the fault in it.</summary>
    public void Note(long feedId, IPhoneFormat format, PhoneRequest request, PhoneReading reading) => sightings.Note(
        feedId, format.Name, request.App, reading.Excess ?? (reading.Rejected.Count > 0 ? reading.Rejected[^1].Reason : reading.Remark));

    /// <summary>Reads the message by its format, and drops the kinds that the owner has excluded.</summary>
    public PhoneReading Read(IPhoneFormat format, PhoneRequest request)
    {
        if (request.IsEmpty)
        {
            return new PhoneReading();
        }

        if (request.Coding is { } coding)
        {
            var packed = new PhoneReading();
            packed.Reject(
                request.Body,
                $"Its Content-Encoding is \"{Texts.Clip(coding, 40)}\", which the hub does not know, or the body is corrupt; "
                + "send it as it is, or as gzip, br or deflate.");
            return packed;
        }

        try
        {
            // Checked first, since a format may read the message without parsing it as JSON.
            _ = request.Json;
            return request.Excess is { } excess ? PhoneReading.TooLarge(excess) : Checked(format.Read(request), request);
        }
#pragma warning disable CA1031 // After a bug in the hub the message is stored for a replay, and the app's queue is not blocked.
        catch (Exception exception) when (exception is not OutOfMemoryException)
#pragma warning restore CA1031
        {
            Log.Failed(logger, format.Name, exception);
            var reading = new PhoneReading();
            reading.Reject(request.Body, "The hub failed to read it, which is a fault of the hub; its log says more.");
            return reading;
        }
    }

    private static PhoneReading Checked(PhoneReading reading, PhoneRequest request)
    {
        if (request.Excess is { } excess)
        {
            return PhoneReading.TooLarge(excess);
        }

        reading.Settle();
        reading.Keep(update => request.Rules.Takes(update.Kind));
        if (reading.Updates.Any(update => update.At is { } at && IsRolledOver(at, request.Now)))
        {
            reading.Note(
                "Its time is 1,024 weeks behind: the week number of the phone's GPS receiver has begun anew. It was stored with that "
                + "time; look for an update of the phone.");
        }

        return reading;
    }

    private static bool IsRolledOver(DateTimeOffset at, DateTimeOffset now) =>
        at < now - Rollover + TimeSpan.FromDays(1) && at > now - Rollover - RolloverAge;

    /// <summary>Stores the updates and the rejected parts; returns null where the key may no longer write.</summary>
    public async Task<AppendOutcome?> AppendAsync(
        WriteDecision decision, Func<ValueTask<WriteDecision?>> again, IPhoneFormat format, PhoneRequest request, PhoneReading reading)
    {
        if (reading.Excess is { } excess)
        {
            return new AppendOutcome.Refused(excess);
        }

        var rejected = Kept(decision.FeedId, format, request, reading);
        if (rejected.Find(row => row.Body.Length < row.Length && row.Body.Length > 0) is { } cut)
        {
            reading.Exceed(
                $"It cannot be read, and its {cut.Length} bytes are more than the {RejectedMessage.MaxBodyLength} of a message that is "
                + $"kept: nothing of it was stored. Send less at a time. {cut.Reason}");
            return new AppendOutcome.Refused(reading.Excess!);
        }

        if (reading.Updates.Count == 0 && rejected.Count == 0)
        {
            return new AppendOutcome.Appended([], 0);
        }

        // A format that reports the number of each update needs the numbers of repeats as well.
        var updates = format.ReportsNumbers ? reading.Updates : known.Without(decision.FeedId, reading.Updates);
        var seqs = new List<long>(updates.Count);
        var (duplicates, merged, hasMessages) = (0, 0, false);
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
            (duplicates, merged, hasMessages) = (duplicates + appended.Duplicates, merged + appended.Merged, appended.HasPendingMessages);
        }

        return new AppendOutcome.Appended(seqs, duplicates) { HasPendingMessages = hasMessages, Merged = merged };
    }

    private static List<RejectedMessage> Kept(long feedId, IPhoneFormat format, PhoneRequest request, PhoneReading reading)
    {
        if (reading.Rejected.Count == 0)
        {
            return [];
        }

        var envelope = request.Envelope();
        if (reading.Faults <= MessageBounds.MostFaults)
        {
            return [.. reading.Rejected.Select(part => Kept(part.Body, part.Length, part.Reason))];
        }

        // With so many faulty parts the whole message is stored as one row. Its valid parts are recognized by their ids when it is
        // replayed.
        var parts = reading.WasGivenUp ? $"Nothing of it was stored: {reading.Faults} parts and more" : $"{reading.Faults} parts";
        return [Kept(request.Body, request.Body.Length, $"{parts} cannot be read; the first: {reading.Rejected[0].Reason}")];

        RejectedMessage Kept(ReadOnlyMemory<byte> body, int length, string reason) =>
            RejectedMessage.Keep(feedId, format.Name, reason, envelope, body.Span, length, request.Now);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "A message could not be read as {Format}; it is stored in the rejected log")]
        public static partial void Failed(ILogger logger, string format, Exception exception);
    }
}
