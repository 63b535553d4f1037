using ActivityHub.Ledger.Places;
using ActivityHub.Ledger.Updates;
using ActivityHub.TestKit;
using Shouldly;
using Xunit;
using static ActivityHub.Ledger.Tests.LedgerRows;

namespace ActivityHub.Ledger.Tests.Updates;

public class RoundTripTests
{
    [Theory, BothDatabases]
    public async Task Every_field_comes_back_as_it_was_told(Database database)
    {
        await using var host = await LedgerHost.StartAsync(database);
        var feed = await host.OpenFeedAsync();
        var told = new NewUpdate
        {
            ClientId = new string('ü', NewUpdate.MaxClientIdLength),
            Kind = new string('k', NewUpdate.MaxKindLength),
            At = new DateTimeOffset(2026, 11, 23, 8, 15, 30, TimeSpan.FromHours(-3)).AddMicroseconds(123_456),
            Title = "👩‍👩‍👧 \u202Eשלום\u202C \uFFFF\uFFFE \u0001 ]]> </script> \r\n\t'\"\\",
            Location = new Place(-23.400000000000002, 179.99999999999997, 12.5, -0.25, 3.2, 359.9),
            Data = "{ \"b\" : 1.0,\t\"a\":[\"\\u0000\\ud83d\\ude00 😀\", \"ل\uFFFF\"],\r\n\"b\":2 }",
        };
        var received = Birth.AddMicroseconds(654_321);

        await host.Log.AppendAsync([feed.Request(told)], received, LedgerHost.Token);

        var kept = (await host.Log.FindAsync(feed.Id, 1, LedgerHost.Token))!;
        (kept.FeedId, kept.Bucket, kept.Seq, kept.EntryId).ShouldBe((feed.Id, feed.Bucket, 1, told.EntryId));
        (kept.ClientId, kept.Kind, kept.Title, kept.Data).ShouldBe((told.ClientId, told.Kind, told.Title, told.Data));
        kept.Observed.EqualsExact(told.At.Value).ShouldBeTrue();
        kept.Received.ShouldBe(received);
        kept.Location.ShouldBe(told.Location);
        (await host.ReadAllAsync(feed.Id)).ShouldHaveSingleItem().ShouldBeEquivalentTo(kept);
        (await host.Log.ReadBeforeAsync(feed.Id, 2, null, 1, LedgerHost.Token)).ShouldHaveSingleItem().ShouldBeEquivalentTo(kept);
    }

    [Theory, BothDatabases]
    public async Task What_was_not_told_stays_untold(Database database)
    {
        await using var host = await LedgerHost.StartAsync(database);
        var feed = await host.OpenFeedAsync();

        await host.Log.AppendAsync(
            [feed.Request(
                Update(), new NewUpdate { Kind = "geo", Location = new Place(0, -0.0, null, null, null, null), Title = "", Data = "{}" })],
            Birth,
            LedgerHost.Token);

        var kept = await host.ReadAllAsync(feed.Id);
        (kept[0].ClientId, kept[0].Title, kept[0].Data, kept[0].Location).ShouldBe((null, null, null, null));
        kept[0].Observed.EqualsExact(Birth).ShouldBeTrue();
        kept[0].NativeId.ShouldBe(kept[0].EntryId.ToString());
        kept[1].Location.ShouldBe(new Place(0, 0, null, null, null, null));
        (kept[1].Title, kept[1].Data).ShouldBe(("", "{}"));
    }

    [Theory, BothDatabases]
    public async Task A_feeds_row_comes_back_as_it_was_opened(Database database)
    {
        await using var host = await LedgerHost.StartAsync(database);
        var feed = await host.OpenFeedAsync();
        await host.AppendAsync(feed, Update());

        (await host.RowAsync(feed.Id)).ShouldBe(new FeedRow(feed.Id, 7, "A phone", Feed.DefaultRetentionDays, 1, 0, 1, Birth));
    }

    [Theory, BothDatabases]
    public async Task Reads_keep_to_their_range_kinds_and_limit(Database database)
    {
        await using var host = await LedgerHost.StartAsync(database);
        var (feed, other) = (await host.OpenFeedAsync(), await host.OpenFeedAsync());
        string[] kinds = ["geo", "battery", "geo", "calendar", "battery", "geo"];
        await host.AppendAsync(feed, [.. kinds.Select(kind => Update(kind: kind))]);
        await host.AppendAsync(other, Update(), Update());

        var lists = await host.Log.ReadAfterAsync(
            [new(feed.Id, 1, 5, null, 10), new(other.Id, 0, 9, null, 1), new(feed.Id, 0, 6, "battery,geo", 3), new(feed.Id, 6, 6, null, 5),
                new(feed.Id, 0, 9, "x' OR 'a'='a", 9)],
            LedgerHost.Token);

        lists.Select(list => list.Select(update => update.Seq)).ShouldBe([[2, 3, 4, 5], [1], [1, 2, 3], [], []]);
        (await BeforeAsync(long.MaxValue, null, 2)).ShouldBe([6, 5]);
        (await BeforeAsync(6, "geo", 10)).ShouldBe([3, 1]);
        (await BeforeAsync(6, "battery,calendar", 2)).ShouldBe([5, 4]);
        (await host.Log.FindAsync(feed.Id, 7, LedgerHost.Token)).ShouldBeNull();

        async Task<IEnumerable<long>> BeforeAsync(long before, string? kind, int limit) =>
            (await host.Log.ReadBeforeAsync(feed.Id, before, kind, limit, LedgerHost.Token)).Select(update => update.Seq);
    }
}
