using ActivityHub.Ledger.Storage;
using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Workers.Outbound;

namespace ActivityHub.Workers.Verifications;

/// <summary>The reason why a request failed, shown on its status link and to the feed's owner.</summary>
internal sealed record RequestOutcome(RequestState State, string Reason)
{
    /// <summary>Its topic or secret was taken under another key ring.</summary>
    public static RequestOutcome Unreadable { get; } = new(
        RequestState.GivenUp, "The hub can no longer decrypt the request; send it again.");

    /// <summary>How the answer began.</summary>
    private string? Beginning { get; init; }

    /// <summary>The time of the GET to the callback; null = none was sent.</summary>
    private DateTimeOffset? AskedAt { get; init; }

    private short? Status { get; init; }

    public static RequestOutcome Of(CallbackResult answer, string reason, DateTimeOffset askedAt) => new(StateOf(answer), reason)
    {
        Beginning = answer.Body,
        AskedAt = askedAt,
        Status = answer.Status,
    };

    /// <summary>In the transaction that takes the verification away.</summary>
    public async Task NoteAsync(LedgerContext context, Verification verification, DateTimeOffset now)
    {
        if (await context.RequestOfAsync(verification) is not { } request)
        {
            return;
        }

        if (AskedAt is { } at)
        {
            request.Ask(at, Status);
        }

        request.End(State, Reason, Beginning, now);
        await context.SaveChangesAsync(CancellationToken.None);
        await context.ForgetOldestAsync(request, CancellationToken.None);
    }

    private static RequestState StateOf(CallbackResult answer) => answer.Outcome switch
    {
        AttemptOutcome.Forbidden => RequestState.Refused,
        AttemptOutcome.Accepted => RequestState.WrongChallenge,
        AttemptOutcome.TimedOut or AttemptOutcome.Unreachable or AttemptOutcome.Throttled => RequestState.Unanswered,
        _ => answer.Status is 408 or 425 or >= 500 ? RequestState.Unanswered : RequestState.Declined,
    };
}
