using System.Net;
using ActivityHub.Ledger.Subscriptions;
using ActivityHub.TestKit;
using ActivityHub.Workers.Outbound;
using ActivityHub.Workers.Settings;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Shouldly;
using Xunit;

namespace ActivityHub.Workers.Tests.Outbound;

// docs/architecture.md, Rules of delivery: a breaker with half-open probes that counts only connect, TLS and timeout failures; an HTTP
// answer concerns only its subscription.
public sealed class HostBreakerTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 23, 8, 0, 0, TimeSpan.Zero);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public void It_opens_after_so_many_failures_in_a_row_lets_one_probe_pass_and_waits_twice_as_long_if_that_fails()
    {
        var breaker = new HostBreaker(3, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(12));
        foreach (var failures in new[] { 2, 2 })
        {
            Fail(breaker, failures, Now);
            breaker.State.ShouldBe(BreakerState.Closed);
            breaker.Answered();
        }

        Fail(breaker, 3, Now);
        breaker.State.ShouldBe(BreakerState.Open);
        breaker.TryPass(Now.AddSeconds(4), out var wait).ShouldBeFalse();
        wait.ShouldBe(TimeSpan.FromSeconds(1));
        breaker.TryPass(Now.AddSeconds(5), out _).ShouldBeTrue();
        breaker.State.ShouldBe(BreakerState.HalfOpen);
        breaker.TryPass(Now.AddSeconds(5), out _).ShouldBeFalse();

        // The probe fails: the pause doubles, up to the allowed maximum.
        breaker.Failed(Now.AddSeconds(5));
        breaker.TryPass(Now.AddSeconds(14), out _).ShouldBeFalse();
        breaker.TryPass(Now.AddSeconds(15), out _).ShouldBeTrue();
        breaker.Failed(Now.AddSeconds(15));
        breaker.TryPass(Now.AddSeconds(26), out _).ShouldBeFalse();
        breaker.TryPass(Now.AddSeconds(27), out _).ShouldBeTrue();
        breaker.Answered();
        breaker.IsPristine.ShouldBeTrue();
        Fail(breaker, 3, Now.AddSeconds(30));
        breaker.TryPass(Now.AddSeconds(34), out wait).ShouldBeFalse();
        wait.ShouldBe(TimeSpan.FromSeconds(1));
    }

    [Fact]
    public void A_probe_that_was_never_sent_leaves_its_place_to_the_next()
    {
        var breaker = new HostBreaker(1, TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(1));
        breaker.Failed(Now);
        breaker.TryPass(Now.AddSeconds(5), out _).ShouldBeTrue();
        breaker.Abandoned(Now.AddSeconds(6));
        breaker.TryPass(Now.AddSeconds(6), out _).ShouldBeTrue();
    }

    [Theory]
    [InlineData(nameof(AttemptOutcome.TimedOut), true)]
    [InlineData(nameof(AttemptOutcome.Unreachable), true)]
    [InlineData(nameof(AttemptOutcome.Refused), false)]
    [InlineData(nameof(AttemptOutcome.Throttled), false)]
    [InlineData(nameof(AttemptOutcome.TooLarge), false)]
    [InlineData(nameof(AttemptOutcome.Gone), false)]
    [InlineData(nameof(AttemptOutcome.Forbidden), false)]
    public async Task Only_what_is_out_of_reach_or_does_not_answer_opens_it_of_that_host_and_lane_alone(string outcome, bool opens)
    {
        var clock = new FakeTimeProvider(Now);
        var hosts = new HostBulkheads(
            Options.Create(new DeliveryOptions { BreakerFailures = 4, BreakerPause = TimeSpan.FromSeconds(5) }), Meters.Deliveries, clock);
        for (var i = 0; i < 4; i++)
        {
            using var entry = await hosts.EnterAsync("h", Lane.CatchUp, TimeSpan.Zero, Cancel);
            entry.Slot.ShouldNotBeNull().Told(Enum.Parse<AttemptOutcome>(outcome));
        }

        var next = await hosts.EnterAsync("h", Lane.CatchUp, TimeSpan.FromHours(1), Cancel);
        (next.Slot is null, next.OpenFor).ShouldBe(opens ? (true, TimeSpan.FromSeconds(5)) : (false, null));
        hosts.Count(BreakerState.Open).ShouldBe(opens ? 1 : 0);
        (await hosts.EnterAsync("h", Lane.Express, TimeSpan.Zero, Cancel)).Slot.ShouldNotBeNull();
        (await hosts.EnterAsync("other", Lane.CatchUp, TimeSpan.Zero, Cancel)).Slot.ShouldNotBeNull();
        if (opens)
        {
            clock.Advance(TimeSpan.FromSeconds(5));
            using (var probe = await hosts.EnterAsync("h", Lane.CatchUp, TimeSpan.Zero, Cancel))
            {
                (await hosts.EnterAsync("h", Lane.CatchUp, TimeSpan.Zero, Cancel)).Slot.ShouldBeNull();
                probe.Slot.ShouldNotBeNull().Told(AttemptOutcome.Refused);
            }

            (await hosts.EnterAsync("h", Lane.CatchUp, TimeSpan.Zero, Cancel)).Slot.ShouldNotBeNull();
        }
    }

    // A host with a hundred subscriptions is down: it gets a few requests, not a hundred, and all subscriptions get every update once it is
    // back.
    [Theory, BothDatabases]
    public async Task A_host_that_is_down_is_left_alone_and_served_in_full_once_it_is_back(Database database)
    {
        await using var stage = await Stage.SetAsync(database, options =>
        {
            options.Settings["Deliveries:BreakerPause"] = "00:00:01";
            options.Settings["Deliveries:BreakerMostPause"] = "00:00:01";
        });
        await using var down = await CallbackListener.StartAsync();
        await using var well = await CallbackListener.StartAsync();
        var paths = Enumerable.Range(0, 40).Select(number => down.At($"/{number}").Answers(CallbackReply.Reset)).ToList();
        await Task.WhenAll(paths.Select(path => stage.SubscribeAsync(path)));
        await stage.SubscribeAsync(well.Default);

        await stage.PostAsync(1, 1);
        await well.WaitUntilAsync(all => all.HaveUpTo(1));
        await stage.PostAsync(2, 2);
        await well.WaitUntilAsync(all => all.HaveUpTo(2));
        paths.Sum(path => path.Deliveries.Count).ShouldBeLessThan(2 * 40);
        paths.ForEach(path => path.Answers(HttpStatusCode.NoContent));

        foreach (var path in paths)
        {
            await path.WaitUntilAsync(all => all.HaveUpTo(2), TimeSpan.FromSeconds(60));
        }
    }

    private static void Fail(HostBreaker breaker, int times, DateTimeOffset now)
    {
        for (var i = 0; i < times; i++)
        {
            breaker.Failed(now);
        }
    }
}
