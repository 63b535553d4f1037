using ActivityHub.Ledger.Keys;
using ActivityHub.Ledger.Updates;
using ActivityHub.Workers.Deliveries.Sending;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Shouldly;
using Xunit;
using Grant = ActivityHub.Ledger.Grants.Grant;

namespace ActivityHub.Workers.Tests.Deliveries;

// docs/architecture.md, Rules of delivery: at most 100 new updates and 512 KiB (one that is larger goes alone); Hidden moves the cursor …;
// not-before never moves it.
public sealed class NextBatchTests
{
    private const long Feed = 256;
    private static readonly DateTimeOffset Now = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    [Property]
    public Property A_log_is_cut_into_batches_in_order_without_a_loss_and_within_the_limits() => Prop.ForAll(
        Gen.Choose(0, 3000).ListOf().ToArbitrary(),
        sizes =>
        {
            const int maxUpdates = 7;
            const int maxBytes = 4000;
            var log = sizes.Select((size, index) => Update(index + 1, index % 3 == 0 ? "geo" : "battery", size)).ToList();
            var seen = new List<long>();
            var position = 0L;
            while (position < log.Count)
            {
                var batch = NextBatch.Of(
                    log.Where(update => update.Seq > position), position, Grant.OfOwner(Feed), "battery", maxUpdates, maxBytes, Now);
                var within = batch.Shown.Count <= maxUpdates &&
                    (batch.Shown.Count <= 1 || batch.Shown.Sum(update => update.Weight) <= maxBytes);
                if (!within || batch.To <= position || batch.WaitUntil is not null ||
                    batch.Shown.Any(update => update.Seq <= position || update.Seq > batch.To))
                {
                    return false;
                }

                seen.AddRange(batch.Shown.Select(update => update.Seq));
                position = batch.To;
            }

            return seen.SequenceEqual(log.Where(update => update.Kind == "battery").Select(update => update.Seq));
        });

    [Fact]
    public void One_that_is_larger_than_a_document_goes_alone()
    {
        FeedUpdate[] log = [Update(1, "geo", 10), Update(2, "geo", 5000), Update(3, "geo", 10)];

        Batch(log, 0).Shown.Select(update => update.Seq).ShouldBe([1]);
        Batch(log[1..], 1).Shown.Select(update => update.Seq).ShouldBe([2]);
        Batch(log[2..], 2).Shown.Select(update => update.Seq).ShouldBe([3]);

        NextBatch Batch(FeedUpdate[] after, long position) => NextBatch.Of(after, position, Grant.OfOwner(Feed), null, 100, 1000, Now);
    }

    [Fact]
    public void What_is_hidden_moves_the_cursor_and_is_not_sent()
    {
        FeedUpdate[] log = [Update(1, "geo"), Update(2, "battery"), Update(3, "geo"), Update(4, "geo")];

        var batch = NextBatch.Of(log, 0, Grant.OfOwner(Feed), "battery", 100, 100_000, Now);

        batch.To.ShouldBe(4);
        batch.Shown.Select(update => update.Seq).ShouldBe([2]);
        NextBatch.Of(log[2..], 2, Grant.OfOwner(Feed), "battery", 100, 100_000, Now).ShouldSatisfyAllConditions(
            hidden => hidden.To.ShouldBe(4), hidden => hidden.Shown.ShouldBeEmpty(), hidden => hidden.WaitUntil.ShouldBeNull());
    }

    [Fact]
    public void What_may_not_be_seen_yet_ends_the_batch_and_says_when()
    {
        var grant = Grant.Give(Feed, "later", AccessKey.NewReader(), Now);
        grant.Show(null, delaySeconds: 60);
        FeedUpdate[] log = [.. new[] { 61, 30, 61 }.Select((age, index) => Update(index + 1, "geo", received: Now.AddSeconds(-age)))];

        var batch = NextBatch.Of(log, 0, grant, null, 100, 100_000, Now);

        batch.To.ShouldBe(1);
        batch.Shown.Select(update => update.Seq).ShouldBe([1]);
        batch.WaitUntil.ShouldBe(Now.AddSeconds(30));
    }

    [Fact]
    public void Nothing_new_is_an_empty_batch_at_the_old_place() =>
        NextBatch.Of([], 5, Grant.OfOwner(Feed), null, 100, 100_000, Now).ShouldSatisfyAllConditions(
            batch => batch.To.ShouldBe(5), batch => batch.Shown.ShouldBeEmpty(), batch => batch.WaitUntil.ShouldBeNull());

    private static FeedUpdate Update(long seq, string kind, int size = 0, DateTimeOffset? received = null) =>
        new() { FeedId = Feed, Seq = seq, Kind = kind, Received = received ?? Now, Data = new string('x', size) };
}
