using ActivityHub.Ledger.Access;
using ActivityHub.Ledger.Updates;
using ActivityHub.Web;

namespace ActivityHub.FeedApi.Intake;

/// <summary>
/// Appends to a feed under a write decision. Where the feed's access has changed since the decision, reads the decision anew and tries
/// again.
/// </summary>
internal sealed class DecidedAppend(GroupCommit commit, KnownIds ids)
{
    // A decision is void after any change of the feed's access. If three tries in one request fail for this reason, the client has to send
    // the request again.
    private const int MaxTries = 3;

    /// <summary>Appends the updates; null where the key may no longer write.</summary>
    /// <param name="decision">The cached decision.</param>
    /// <param name="again">Reads the decision anew from the ledger.</param>
    /// <param name="updates">The updates; they are numbered in this order.</param>
    /// <param name="rejected">Messages to store in the rejected log together with the updates.</param>
    public async Task<AppendOutcome?> AppendAsync(
        WriteDecision decision, Func<ValueTask<WriteDecision?>> again, IReadOnlyList<NewUpdate> updates,
        IReadOnlyList<RejectedMessage> rejected)
    {
        for (var attempt = 1; attempt <= MaxTries; attempt++)
        {
            // A queued append runs to its end, even if the caller aborts the request.
            var outcome = await commit.AppendAsync(
                new AppendRequest(decision.FeedId, decision.AccessVersion, updates)
                {
                    Trace = StoredTrace.OfCurrent(),
                    Rejected = rejected,
                    Thin = decision.Rules.ThinningWithin(decision.Zones),
                });
            if (outcome is AppendOutcome.Appended appended)
            {
                await CompareAsync(decision.FeedId, updates, appended);
            }

            if (outcome is not AppendOutcome.AccessChanged)
            {
                return outcome;
            }

            if (await again() is not { } renewed || renewed.FeedId != decision.FeedId)
            {
                return null;
            }

            decision = renewed;
        }

        return new AppendOutcome.Unavailable(RetryLater.Moment, "Access to this feed is being changed; send it again.");
    }

    // Stored updates are acknowledged even if the comparison fails.
    private async Task CompareAsync(long feedId, IReadOnlyList<NewUpdate> updates, AppendOutcome.Appended appended)
    {
        try
        {
            await ids.CompareAsync(feedId, updates, appended, CancellationToken.None);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // Ignored: the next update with an already stored id is compared anyway.
        }
    }
}
