using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Workers.Outbound;

namespace ActivityHub.Workers.Deliveries.Sending;

/// <summary>The action after a batch that was not accepted.</summary>
internal enum RefusalStep
{
    /// <summary>It is the endpoint's own trouble: the same again, later.</summary>
    BackOff,

    /// <summary>A smaller one at once.</summary>
    SendLess,

    /// <summary>A single update was refused: the next update, sent alone, shows whether the update or the endpoint is the cause.</summary>
    Probe,
}

/// <summary>
/// Finds the update that a callback cannot accept: a batch that is too large (413) or is refused as such (400, 422) three times in a row is
/// halved until one update stands alone. Pure.
/// </summary>
internal static class PoisonRule
{
    private const short Patience = 3;

    /// <param name="before">How it stood before this answer.</param>
    /// <param name="answer">What the callback said.</param>
    /// <param name="sent">How many new updates the document held.</param>
    /// <param name="withOlder">Whether it held older ones besides.</param>
    public static (RefusalStep Step, Refusals Refusals) Refused(Refusals before, CallbackResult answer, int sent, bool withOlder)
    {
        if (answer.Outcome == AttemptOutcome.TooLarge)
        {
            // The older ones go first: all that is new is sent once more, alone.
            return withOlder ? Less(before, sent) : Halve(before, sent);
        }

        if (answer.Status is not (400 or 422))
        {
            return (RefusalStep.BackOff, before with { InARow = 0 });
        }

        var inARow = (short)Math.Min(before.InARow + 1, Patience);
        var now = before with { InARow = inARow };
        if (inARow < Patience && before.Limit is null)
        {
            return (RefusalStep.BackOff, now);
        }

        return sent == 1 && withOlder ? Less(now, sent) : Halve(now, sent);
    }

    /// <summary>
    /// The batch size after an acceptance: during the search the size stays for one more batch, since the rest contains the refused update;
    /// then it doubles up to the usual size.
    /// </summary>
    public static Refusals Accepted(Refusals before, int most) => before switch
    {
        { Limit: null } => default,
        { InARow: > 0 } => before with { InARow = 0 },
        { Limit: { } limit } => limit * 2 >= most ? default : new Refusals(0, (short)(limit * 2)),
    };

    private static (RefusalStep, Refusals) Halve(Refusals now, int sent) =>
        sent > 1 ? Less(now, sent / 2) : (RefusalStep.Probe, now with { Limit = 1 });

    private static (RefusalStep, Refusals) Less(Refusals now, int limit) => (RefusalStep.SendLess, now with { Limit = (short)limit });
}
