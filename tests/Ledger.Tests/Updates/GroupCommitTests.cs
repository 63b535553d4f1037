using ActivityHub.Ledger.Storage;
using ActivityHub.Ledger.Updates;
using ActivityHub.TestKit;
using Shouldly;
using Xunit;
using static ActivityHub.Ledger.Tests.LedgerRows;

namespace ActivityHub.Ledger.Tests.Updates;

public class GroupCommitTests
{
    [Theory, BothDatabases]
    public async Task A_full_queue_says_come_again_later_and_what_was_taken_is_stored(Database database)
    {
        await using var host = await LedgerHost.StartAsync(database, null, ("Ingest:QueuedRequests", "4"), ("Ingest:GroupRequests", "2"));
        var feed = await host.OpenFeedAsync();
        List<Task<AppendOutcome>> outcomes;
        await using (await host.HoldAppendsAsync(feed))
        {
            outcomes = [.. Enumerable.Range(0, 20).Select(_ => host.Commit.AppendAsync(feed.Request(Update())))];

            // At most two requests are being written, one is held back, and four wait.
            var refused = outcomes.Where(outcome => outcome.IsCompleted).ToList();
            refused.Count.ShouldBeGreaterThanOrEqualTo(13);
            foreach (var outcome in refused)
            {
                (await outcome).ShouldBeOfType<AppendOutcome.Unavailable>().RetryAfter.ShouldBeGreaterThan(TimeSpan.Zero);
            }
        }

        var taken = (await Task.WhenAll(outcomes)).OfType<AppendOutcome.Appended>().ToList();
        taken.Select(outcome => outcome.Seqs[0]).ShouldBe(Enumerable.Range(1, taken.Count).Select(i => (long)i));
        (await host.ReadAllAsync(feed.Id)).Count.ShouldBe(taken.Count);
        (await host.AppendAsync(feed, Update())).Seqs[0].ShouldBe(taken.Count + 1);
    }

    [Theory, BothDatabases]
    public async Task The_queue_is_bounded_by_weight_too(Database database)
    {
        await using var host = await LedgerHost.StartAsync(database, null, ("Ingest:QueuedMebibytes", "2"));
        var feed = await host.OpenFeedAsync();
        var heavy = feed.Request([.. Enumerable.Range(0, 8).Select(_ => Update(data: $"{{\"a\":\"{new string('x', 60_000)}\"}}"))]);
        List<Task<AppendOutcome>> outcomes;
        await using (await host.HoldAppendsAsync(feed))
        {
            _ = host.Commit.AppendAsync(feed.Request(Update()));
            outcomes = [.. Enumerable.Range(0, 300).Select(_ => host.Commit.AppendAsync(heavy))];
            outcomes.Count(outcome => outcome.IsCompleted).ShouldBeGreaterThan(100);
        }

        (await Task.WhenAll(outcomes)).ShouldAllBe(outcome => outcome is AppendOutcome.Appended || outcome is AppendOutcome.Unavailable);
        for (var i = 0; i < 10; i++)
        {
            // The queue returned the weight of the finished requests, so it is available again.
            (await host.Commit.AppendAsync(heavy)).ShouldBeOfType<AppendOutcome.Appended>();
        }
    }

    [Theory, BothDatabases]
    public async Task A_caller_who_leaves_cancels_nothing(Database database)
    {
        await using var host = await LedgerHost.StartAsync(database);
        var feed = await host.OpenFeedAsync();
        using var caller = new CancellationTokenSource();
        Task<AppendOutcome> outcome;
        await using (await host.HoldAppendsAsync(feed))
        {
            outcome = host.Commit.AppendAsync(feed.Request(Update()));
            var waiting = outcome.WaitAsync(caller.Token);
            await caller.CancelAsync();
            await Should.ThrowAsync<OperationCanceledException>(() => waiting);
        }

        (await outcome).ShouldBeOfType<AppendOutcome.Appended>();
        (await host.ReadAllAsync(feed.Id)).Count.ShouldBe(1);
    }

    [Theory, BothDatabases]
    public async Task A_stop_writes_what_waits_and_takes_nothing_more(Database database)
    {
        await using var store = await LedgerStore.CreateAsync(database);
        Feed feed;
        await using (var host = await LedgerHost.StartAsync(store, null, ("Ingest:GroupRequests", "3")))
        {
            feed = await host.OpenFeedAsync();
            Task<AppendOutcome>[] outcomes;
            Task stopping;
            await using (await host.HoldAppendsAsync(feed))
            {
                outcomes = [.. Enumerable.Range(0, 10).Select(_ => host.Commit.AppendAsync(feed.Request(Update())))];
                stopping = host.StopAsync();
                await Eventually.ShouldAsync(
                    async () => await host.Commit.AppendAsync(feed.Request(Update())) is AppendOutcome.Unavailable);
            }

            (await Task.WhenAll(outcomes)).ShouldAllBe(outcome => outcome is AppendOutcome.Appended);
            await stopping;
        }

        await using var next = await LedgerHost.StartAsync(store);
        (await next.ReadAllAsync(feed.Id)).Count.ShouldBe(10);
    }

    [Theory, BothDatabases]
    public async Task A_commit_raises_a_signal_and_a_repeat_none(Database database)
    {
        await using var host = await LedgerHost.StartAsync(database);
        var (feed, other) = (await host.OpenFeedAsync(), await host.OpenFeedAsync());
        var heard = new List<Signal>();
        using var listening = host.Get<LedgerSignals>().Listen(heard.Add);

        await host.AppendAsync(feed, Update("a"));
        await host.AppendAsync(feed, Update("a"));
        await host.AppendAsync(other, Update());

        heard.ShouldBe([new Signal(SignalKind.Updates, feed.Id), new Signal(SignalKind.Updates, other.Id)]);
    }

    [Theory, BothDatabases]
    public async Task A_listener_that_fails_harms_neither_the_answer_nor_the_next_append(Database database)
    {
        await using var host = await LedgerHost.StartAsync(database);
        var feed = await host.OpenFeedAsync();
        using (host.Get<LedgerSignals>().Listen(_ => throw new NotSupportedException("a listener at fault")))
        {
            await host.AppendAsync(feed, Update());
        }

        (await host.AppendAsync(feed, Update())).Seqs.ShouldBe([2]);
        host.Logs.Mention("a listener at fault").ShouldBeTrue();
    }

    [Fact]
    public async Task Groups_form_by_themselves_while_one_is_being_written()
    {
        await using var host = await LedgerHost.StartAsync(Database.Sqlite);
        var feeds = new List<Feed>();
        for (var i = 0; i < 10; i++)
        {
            feeds.Add(await host.OpenFeedAsync());
        }

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 1000).Select(i => host.Commit.AppendAsync(feeds[i % 10].Request(Update()))));

        outcomes.ShouldAllBe(outcome => outcome is AppendOutcome.Appended);
        foreach (var feed in feeds)
        {
            (await host.ReadAllAsync(feed.Id)).Count.ShouldBe(100);
        }
    }
}
