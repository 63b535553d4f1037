using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Workers.Deliveries.Sending;
using ActivityHub.Workers.Outbound;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Shouldly;
using Xunit;
using Said = ActivityHub.Workers.Outbound.CallbackResult;

namespace ActivityHub.Workers.Tests.Deliveries;

// docs/architecture.md, Rules of delivery, Poison: on 413, or on 400/422 three times in a row, halve the batch.
public sealed class PoisonRuleTests
{
    private static readonly Said TooLarge = Answer(AttemptOutcome.TooLarge, 413);
    private static readonly Said Unprocessable = Answer(AttemptOutcome.Refused, 422);

    [Fact]
    public void A_batch_that_is_refused_is_tried_twice_more_as_it_is_and_then_halved_until_one_stands_alone()
    {
        var refusals = default(Refusals);
        var steps = new List<(RefusalStep, short?)>();
        for (var sent = 100; steps.Count < 10; sent = refusals.Limit ?? 100)
        {
            (var step, refusals) = PoisonRule.Refused(refusals, Unprocessable, sent, withOlder: false);
            steps.Add((step, refusals.Limit));
        }

        steps.ShouldBe(
        [
            (RefusalStep.BackOff, null), (RefusalStep.BackOff, null), (RefusalStep.SendLess, 50), (RefusalStep.SendLess, 25),
            (RefusalStep.SendLess, 12), (RefusalStep.SendLess, 6), (RefusalStep.SendLess, 3), (RefusalStep.SendLess, 1),
            (RefusalStep.Probe, 1), (RefusalStep.Probe, 1),
        ]);
    }

    [Fact]
    public void What_is_too_large_loses_its_older_entries_first_and_is_halved_at_once()
    {
        var (step, refusals) = PoisonRule.Refused(default, TooLarge, 10, withOlder: true);
        (step, refusals.Limit).ShouldBe((RefusalStep.SendLess, (short?)10));
        (step, refusals) = PoisonRule.Refused(refusals, TooLarge, 10, withOlder: false);
        (step, refusals.Limit).ShouldBe((RefusalStep.SendLess, (short?)5));
        (step, _) = PoisonRule.Refused(refusals, TooLarge, 1, withOlder: false);
        step.ShouldBe(RefusalStep.Probe);
    }

    [Theory]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(404)]
    [InlineData(500)]
    [InlineData(503)]
    public void Every_other_answer_is_the_endpoints_own_trouble_and_breaks_the_row(int status)
    {
        var twice = new Refusals(2, null);
        PoisonRule.Refused(twice, Answer(AttemptOutcome.Refused, (short)status), 100, withOlder: true)
            .ShouldBe((RefusalStep.BackOff, default));
        PoisonRule.Refused(default, Unprocessable, 100, withOlder: true).Step.ShouldBe(RefusalStep.BackOff);
    }

    [Fact]
    public void After_the_culprit_was_found_batches_grow_again_to_what_they_were()
    {
        var sizes = new List<short?>();
        for (var refusals = new Refusals(0, 1); refusals.Limit is not null; refusals = PoisonRule.Accepted(refusals, 100))
        {
            sizes.Add(refusals.Limit);
        }

        sizes.ShouldBe([1, 2, 4, 8, 16, 32, 64]);
    }

    // For any set of poisonous updates: all others are accepted once and in order, only the poisonous ones are parked, and few requests are
    // needed.
    [Property]
    public Property Each_poisonous_update_is_found_and_nothing_else_is_parked() => Prop.ForAll(
        Gen.Choose(0, 39).ListOf(3).Select(list => list.Distinct().Order().ToList()).ToArbitrary(),
        poison =>
        {
            const int Head = 42;
            // Two adjacent poisonous updates count as a fault of the endpoint, which is another rule.
            if (poison.Zip(poison.Skip(1)).Any(pair => pair.Second == pair.First + 1))
            {
                return true;
            }

            var (position, refusals, requests) = (0, default(Refusals), 0);
            var (accepted, parked) = (new List<int>(), new List<int>());
            while (position < Head && requests < 500)
            {
                requests++;
                var sent = Math.Min(refusals.Limit ?? 100, Head - position);
                if (!poison.Exists(one => one >= position && one < position + sent))
                {
                    accepted.AddRange(Enumerable.Range(position, sent));
                    position += sent;
                    refusals = PoisonRule.Accepted(refusals, 100);
                    continue;
                }

                (var step, refusals) = PoisonRule.Refused(refusals, Unprocessable, sent, withOlder: false);
                if (step == RefusalStep.Probe)
                {
                    requests++;
                    parked.Add(position);
                    accepted.Add(position + 1);
                    position += 2;
                    refusals = new Refusals(0, 1);
                }
            }

            return parked.SequenceEqual(poison) && accepted.SequenceEqual(Enumerable.Range(0, Head).Except(poison)) &&
                requests < 20 + (25 * poison.Count);
        });

    private static Said Answer(AttemptOutcome outcome, short status) => new(outcome, status, TimeSpan.Zero, null, "It was refused.", null);
}
