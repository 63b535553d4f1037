using ActivityHub.Ledger.Access;
using ActivityHub.Ledger.Updates;
using ActivityHub.Web;

namespace ActivityHub.FeedApi.Intake;

/// <summary>Appends to a feed under a decision about who writes, and asks once more who that is where the decision has become void.</summary>
internal sealed class DecidedAppend(GroupCommit commit, KnownIds ids)
{
    // A decision about a key is void after any change of the feed's access; more than twice in one request is no accident any more.
    private const int MaxTries = 3;

    /// <summary>Null where the writer may not write any more.</summary>
    /// <param name="decision">As it was remembered.</param>
    /// <param name="again">Asks the ledger.</param>
    /// <param name="updates">To be numbered in this order.</param>
    /// <param name="rejected">What is kept beside them.</param>
    public async Task<AppendOutcome?> AppendAsync(
        WriteDecision decision, Func<ValueTask<WriteDecision?>> again, IReadOnlyList<NewUpdate> updates,
        IReadOnlyList<RejectedMessage> rejected)
    {
        for (var attempt = 1; attempt <= MaxTries; attempt++)
        {
            // What is in a group goes its way: the caller's abort cancels nothing.
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

    // What is on disk is acknowledged, whatever becomes of the comparison.
    private async Task CompareAsync(long feedId, IReadOnlyList<NewUpdate> updates, AppendOutcome.Appended appended)
    {
        try
        {
            await ids.CompareAsync(feedId, updates, appended, CancellationToken.None);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // The next update under a known id is compared.
        }
    }
}
