using ActivityHub.Ledger.Places;
using ActivityHub.Ledger.Updates;
using ActivityHub.TestKit;
using Shouldly;
using Xunit;
using static ActivityHub.Ledger.Tests.LedgerRows;

namespace ActivityHub.Ledger.Tests.Updates;

/// <summary>
/// Tests which place of the phone is used to judge an update without a place, as stored on disk, and the cells of places.
/// </summary>
public class JudgedPlaceTests
{
    private static readonly DateTimeOffset Now = Birth.AddDays(1);

    [Theory, BothDatabases]
    public async Task Each_is_judged_by_the_newest_place_at_its_time_in_whatever_order_they_come(Database database)
    {
        await using var host = await LedgerHost.StartAsync(database);
        var seed = Random.Shared.Next();
        TestContext.Current.TestOutputHelper!.WriteLine($"seed {seed}");
        var random = new Random(seed);
        for (var round = 0; round < 3; round++)
        {
            var feed = await host.OpenFeedAsync();
            var updates = Enumerable.Range(1, 60).Select(minute => random.Next(3) == 0 ? Fix(minute) : Network(minute)).ToArray();
            random.Shuffle(updates);

            for (var i = 0; i < updates.Length;)
            {
                var batch = updates.Skip(i).Take(random.Next(1, 6)).ToArray();
                await host.Log.AppendAsync([feed.Request(batch)], Now, LedgerHost.Token);
                i += batch.Length;
            }

            var stored = await host.ReadAllAsync(feed.Id);
            foreach (var row in stored)
            {
                var place = row.Lat is not null
                    ? null
                    : stored.Where(other => other.Lat is not null && other.At <= row.At).MaxBy(other => other.At);
                (row.JudgedAt, row.JudgedLat, row.JudgedLon, row.JudgedAccuracy).ShouldBe(
                    (place?.At, place?.Lat, place?.Lon, place?.Accuracy), $"seed {seed}, minute {row.At - Birth}");
            }
        }
    }

    [Theory, BothDatabases]
    public async Task A_late_place_judges_again_and_the_feed_says_so(Database database)
    {
        await using var host = await LedgerHost.StartAsync(database);
        var feed = await host.OpenFeedAsync();
        await host.Log.AppendAsync([feed.Request(Fix(0)), feed.Request(Network(5), Network(30))], Now, LedgerHost.Token);
        (await JudgedAsync(host, feed)).ShouldBe([null, 0, 0]);
        (await host.RowAsync(feed.Id))!.Rejudged.ShouldBe(0);

        await host.Log.AppendAsync([feed.Request(Fix(20))], Now, LedgerHost.Token);
        await host.Log.AppendAsync([feed.Request(Fix(40))], Now, LedgerHost.Token);

        (await JudgedAsync(host, feed)).ShouldBe([null, 0, 20, null, null]);
        (await host.RowAsync(feed.Id))!.Rejudged.ShouldBe(1);
    }

    [Theory, BothDatabases]
    public async Task A_clock_that_is_ahead_judges_nothing_and_is_judged_by_nothing(Database database)
    {
        await using var host = await LedgerHost.StartAsync(database);
        var feed = await host.OpenFeedAsync();

        await host.Log.AppendAsync(
            [feed.Request(Network(1), Fix(2), Fix(1200), Network(1201), Network(3))], Birth.AddMinutes(4), LedgerHost.Token);
        await host.Log.AppendAsync([feed.Request(Network(1210), Network(5))], Now, LedgerHost.Token);

        (await JudgedAsync(host, feed)).ShouldBe([null, null, null, null, 2, 2, 2]);
    }

    [Theory, BothDatabases]
    public async Task The_cells_of_a_phone_next_to_a_border_are_decided_at_the_append(Database database)
    {
        await using var host = await LedgerHost.StartAsync(database);
        var feed = await host.OpenFeedAsync();
        var random = new Random(7);
        for (var i = 0; i < 40; i++)
        {
            // Three metres north of a row border of all grids.
            var north = 3 + (((random.NextDouble() * 2) - 1) * 12);
            var place = new Place(48 + (north / PlaceGrid.MetresPerDegree), 2.0004, 8, null, null, null);
            await host.Log.AppendAsync(
                [feed.Request(new NewUpdate { Kind = Kind.Geo, At = Birth.AddMinutes(i), Location = place })], Now, LedgerHost.Token);
        }

        var stored = await host.ReadAllAsync(feed.Id);

        foreach (var precision in (Precision[])[Precision.HundredMetres, Precision.Kilometre, Precision.TenKilometres])
        {
            stored.Select(row => PlaceGrid.NumberOf(row.Lat!.Value, row.Lon!.Value, precision)).Distinct().Count().ShouldBe(2);
            stored.Select(row => row.Cells.Of(precision) ?? PlaceGrid.NumberOf(row.Lat!.Value, row.Lon!.Value, precision)).Distinct()
                .ShouldHaveSingleItem();
        }
    }

    [Theory, BothDatabases]
    public async Task A_request_whose_access_is_void_leaves_the_state_as_it_was(Database database)
    {
        await using var host = await LedgerHost.StartAsync(database);
        var feed = await host.OpenFeedAsync();
        await host.BumpAccessAsync(feed.Id);

        (await host.Log.AppendAsync([feed.Request(Fix(1))], Now, LedgerHost.Token))[0].ShouldBeOfType<AppendOutcome.AccessChanged>();
        await host.Log.AppendAsync([feed.Request(Network(2)) with { AccessVersion = 2 }], Now, LedgerHost.Token);

        (await JudgedAsync(host, feed)).ShouldBe([null]);
    }

    private static async Task<double?[]> JudgedAsync(LedgerHost host, Feed feed) =>
        [.. (await host.ReadAllAsync(feed.Id)).Select(row => (row.JudgedAt - Birth)?.TotalMinutes)];

    private static NewUpdate Fix(int minute) => new()
    {
        Kind = Kind.Geo,
        At = Birth.AddMinutes(minute),
        Location = new Place(48 + (minute / 1000.0), 2, minute % 2 == 0 ? null : minute, null, null, null),
    };

    private static NewUpdate Network(int minute) =>
        new() { Kind = "network", At = Birth.AddMinutes(minute), Data = """{"ssid":"Ann Home WLAN"}""" };
}
