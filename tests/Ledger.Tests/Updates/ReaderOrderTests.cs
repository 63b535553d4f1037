using ActivityHub.Ledger.Updates;
using ActivityHub.TestKit;
using Npgsql;
using Shouldly;
using Xunit;
using static ActivityHub.Ledger.Tests.LedgerRows;

namespace ActivityHub.Ledger.Tests.Updates;

public class ReaderOrderTests
{
    [Fact]
    public async Task A_reader_past_n_never_misses_n_while_two_transactions_are_open()
    {
        Assert.SkipWhen(PostgresServer.SkipReason is not null, PostgresServer.SkipReason ?? "");
        await using var host = await LedgerHost.StartAsync(Database.Postgres);
        var feed = await host.OpenFeedAsync();
        await host.AppendAsync(feed, Update());

        // Another process has assigned number 2 but not committed yet.
        await using var slow = await host.Store.ConnectAsync();
        await using var append = new NpgsqlCommand(
            """
            BEGIN;
            SELECT 1 FROM feeds WHERE id = @id FOR NO KEY UPDATE;
            INSERT INTO updates (bucket, feed_id, seq, entry_id, kind, at, at_offset, received)
                VALUES (@bucket, @id, 2, gen_random_uuid(), 'slow', now(), 0, now());
            UPDATE feeds SET head = 2 WHERE id = @id
            """,
            slow);
        append.Parameters.AddWithValue("id", feed.Id);
        append.Parameters.AddWithValue("bucket", feed.Bucket);
        await append.ExecuteNonQueryAsync(LedgerHost.Token);

        var quick = host.AppendAsync(feed, Update(kind: "quick"));
        await Eventually.ShouldAsync(() => host.Store.SomebodyWaitsAsync());
        (await host.ReadAllAsync(feed.Id)).Select(update => update.Seq).ShouldBe([1], "nothing is shown past a number that may still come");
        quick.IsCompleted.ShouldBeFalse();

        await using (var commit = new NpgsqlCommand("COMMIT", slow))
        {
            await commit.ExecuteNonQueryAsync(LedgerHost.Token);
        }

        (await quick).Seqs.ShouldBe([3]);
        (await host.ReadAllAsync(feed.Id)).Select(update => update.Kind).ShouldBe(["geo", "slow", "quick"]);
    }

    [Fact]
    public async Task A_number_whose_transaction_was_undone_is_given_again()
    {
        Assert.SkipWhen(PostgresServer.SkipReason is not null, PostgresServer.SkipReason ?? "");
        await using var host = await LedgerHost.StartAsync(Database.Postgres);
        var feed = await host.OpenFeedAsync();
        await using var slow = await host.Store.ConnectAsync();
        await using (var append = new NpgsqlCommand("BEGIN; UPDATE feeds SET head = 1", slow))
        {
            await append.ExecuteNonQueryAsync(LedgerHost.Token);
        }

        var quick = host.AppendAsync(feed, Update());
        await Eventually.ShouldAsync(() => host.Store.SomebodyWaitsAsync());
        await slow.CloseAsync();

        (await quick).Seqs.ShouldBe([1]);
    }

    [Theory, BothDatabases]
    public async Task A_reader_behind_many_writers_sees_every_number_once_and_in_order(Database database)
    {
        const int Writers = 8;
        const int Requests = 25;
        await using var store = await LedgerStore.CreateAsync(database);
        await using var one = await LedgerHost.StartAsync(store);
        await using var other = database == Database.Postgres ? await LedgerHost.StartAsync(store) : null;
        var feed = await one.OpenFeedAsync();

        var writers = Enumerable.Range(0, Writers).Select(writer => Task.Run(
            async () =>
            {
                var host = writer % 2 == 0 ? one : other ?? one;
                for (var request = 0; request < Requests; request++)
                {
                    await host.AppendAsync(
                        feed, [.. Enumerable.Range(0, 1 + ((writer + request) % 4)).Select(i => Update($"{writer}-{request}-{i}"))]);
                }
            },
            LedgerHost.Token)).ToList();

        var seen = new List<FeedUpdate>();
        var writing = Task.WhenAll(writers);
        bool more;
        do
        {
            more = !writing.IsCompleted;
            var after = seen.Count == 0 ? 0 : seen[^1].Seq;
            var next = await one.Log.ReadAfterAsync(new LogRange(feed.Id, after, long.MaxValue, null, 7), LedgerHost.Token);
            seen.AddRange(next);
            more |= next.Count > 0;
        }
        while (more);

        await writing;
        seen.Select(update => update.Seq).ShouldBe(Enumerable.Range(1, seen.Count).Select(i => (long)i));
        seen.Count.ShouldBe(
            Enumerable.Range(0, Writers).Sum(writer => Enumerable.Range(0, Requests).Sum(request => 1 + ((writer + request) % 4))));
        // The updates of one writer keep the order in which they were sent.
        foreach (var mine in seen.GroupBy(update => update.ClientId![0]))
        {
            mine.Select(update => int.Parse(update.ClientId!.Split('-')[1])).ShouldBeInOrder();
        }
    }
}
