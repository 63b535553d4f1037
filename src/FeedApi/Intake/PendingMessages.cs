using ActivityHub.Ledger;
using ActivityHub.Ledger.Devices;
using ActivityHub.Ledger.Updates;

namespace ActivityHub.FeedApi.Intake;

/// <summary>Selects the messages that are sent in the response to a phone's request.</summary>
internal sealed partial class PendingMessages(Outbox outbox, ILogger<PendingMessages> logger)
{
    /// <summary>Returns the waiting messages for an app's response; none where the format cannot carry messages.</summary>
    public ValueTask<IReadOnlyList<Message>> ForAnswerAsync(
        long feedId, IPhoneFormat format, PhoneRequest request, PhoneReading reading, AppendOutcome? outcome,
        CancellationToken cancellationToken)
    {
        if (!format.CarriesMessages || outcome is not AppendOutcome.Appended { HasPendingMessages: true } appended)
        {
            return new([]);
        }

        // This request acknowledges only messages that were sent before it arrived, and only if it contains something new: a repeat means
        // that the response was lost.
        var brings = appended.Seqs.Count > appended.Duplicates;
        return format.AcknowledgesBySendingOn
            ? TakeAsync(
                feedId, format.Name, brings ? request.Now : null, waiting => format.Carried(request, reading, waiting), cancellationToken)
            : TakeAsync(feedId, MessageChannel.Answer, null, waiting => format.Carried(request, reading, waiting), cancellationToken);
    }

    /// <summary>Returns the waiting messages for a client that sends in the hub's own format.</summary>
    public ValueTask<IReadOnlyList<Message>> ForAnswerAsync(long feedId, AppendOutcome? outcome, CancellationToken cancellationToken) =>
        outcome is AppendOutcome.Appended { HasPendingMessages: true }
            ? TakeAsync(feedId, MessageChannel.Answer, null, waiting => waiting, cancellationToken)
            : new([]);

    private async ValueTask<IReadOnlyList<Message>> TakeAsync(
        long feedId, string way, DateTimeOffset? hasAnswersUntil, Func<IReadOnlyList<Message>, IReadOnlyList<Message>> carried,
        CancellationToken cancellationToken)
    {
        try
        {
            return await outbox.TakeAsync(feedId, way, hasAnswersUntil, carried, cancellationToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // The updates are stored, and the response says so even if this fails. The messages go with the next response.
            Log.Away(logger, OpaqueId.Format(feedId), exception);
            return [];
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Messages to the phone of feed {Feed} wait for its next request: they could not be read")]
        public static partial void Away(ILogger logger, string feed, Exception exception);
    }
}
