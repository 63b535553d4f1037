using ActivityHub.Ledger.Access;
using ActivityHub.Ledger.Keys;
using ActivityHub.Ledger.Updates;
using ActivityHub.TestKit;
using Shouldly;
using Xunit;
using static ActivityHub.Ledger.Tests.LedgerRows;
using Grant = ActivityHub.Ledger.Grants.Grant;

namespace ActivityHub.Ledger.Tests.Access;

/// <summary>A reader's cost does not depend on how much of the log the grant hides by time, and no visible update is skipped.</summary>
public sealed class GrantedLogTests
{
    // One update per minute for three days.
    private const int Updates = 4320;

    [Theory, BothDatabases]
    public async Task A_reader_begins_and_ends_close_to_what_the_grant_shows_and_never_within(Database database)
    {
        await using var host = await LedgerHost.StartAsync(database);
        var (feed, row) = await WriteAsync(host);
        var granted = host.Get<GrantedLog>();

        foreach (var (from, to) in new[] { (0, 1), (0, 700), (2000, 2300), (3000, 4320), (4319, 4320), (1500, 9000), (0, 0) })
        {
            var grant = Grant.Give(feed.Id, "a friend", AccessKey.NewReader(), Birth);
            grant.Show(Birth.AddMinutes(from), Birth.AddMinutes(to));

            var before = await granted.SkipBackAsync(row, grant, long.MaxValue, Birth.AddDays(30), LedgerHost.Token);
            var after = await granted.SkipAsync(row, grant, 0, LedgerHost.Token);

            // Update n was received in minute n - 1. The numbers of the first and the last visible update:
            var (first, last) = (from + 1L, Math.Min(to, Updates));
            before.ShouldBeGreaterThan(last, $"{from} to {to}");
            after.ShouldBeLessThan(first, $"{from} to {to}");
            // The tolerance: one step, plus the possible difference between clocks.
            Math.Min(before, Updates + 1).ShouldBeLessThanOrEqualTo(last + 1 + GrantedLog.StepLength + 11, $"{from} to {to}");
            after.ShouldBeGreaterThanOrEqualTo(first - 1 - GrantedLog.StepLength - 1441, $"{from} to {to}");
        }
    }

    [Theory, BothDatabases]
    public async Task What_is_delayed_is_passed_over_too(Database database)
    {
        await using var host = await LedgerHost.StartAsync(database);
        var (feed, row) = await WriteAsync(host);
        var grant = Grant.Give(feed.Id, "a friend", AccessKey.NewReader(), Birth);
        grant.Show(from: null, delaySeconds: 2 * 86_400);

        var before = await host.Get<GrantedLog>().SkipBackAsync(row, grant, long.MaxValue, Birth.AddMinutes(Updates), LedgerHost.Token);

        before.ShouldBeInRange(1441, 1441 + GrantedLog.StepLength + 11);
    }

    // An owner may choose the minimum and the maximum of DateTimeOffset as bounds.
    [Theory, BothDatabases]
    public async Task Both_ends_of_time_are_bounds_like_any_other(Database database)
    {
        await using var host = await LedgerHost.StartAsync(database);
        var (feed, row) = await WriteAsync(host);
        var granted = host.Get<GrantedLog>();
        var now = Birth.AddMinutes(Updates);
        foreach (var (from, to) in new (DateTimeOffset?, DateTimeOffset?)[]
        {
            (null, DateTimeOffset.MaxValue.AddSeconds(-1)), (null, DateTimeOffset.MaxValue.AddMinutes(-11)),
            (DateTimeOffset.MinValue, DateTimeOffset.MaxValue), (DateTimeOffset.MinValue.AddHours(1), null),
        })
        {
            var grant = Grant.Give(feed.Id, "a friend", AccessKey.NewReader(), Birth);
            grant.Show(from, to, delaySeconds: 1);

            (await granted.SkipAsync(row, grant, 0, LedgerHost.Token)).ShouldBe(0, $"{from} to {to}");
            (await granted.SkipBackAsync(row, grant, long.MaxValue, now, LedgerHost.Token)).ShouldBeGreaterThan(Updates, $"{from} to {to}");
            var newest = (await host.Log.ReadBeforeAsync(feed.Id, long.MaxValue, null, 1, LedgerHost.Token))[0];
            (GrantedLog.IsBefore(newest, grant), GrantedLog.IsAfter(newest, grant)).ShouldBe((false, false));
        }
    }

    [Theory, BothDatabases]
    public async Task Without_a_bound_nothing_is_asked_or_moved(Database database)
    {
        await using var host = await LedgerHost.StartAsync(database);
        var feed = await host.OpenFeedAsync();
        var row = (await host.RowAsync(feed.Id))!;
        var granted = host.Get<GrantedLog>();
        var grant = Grant.OfOwner(feed.Id);

        (await granted.SkipBackAsync(row, grant, 17, Birth, LedgerHost.Token)).ShouldBe(17);
        (await granted.SkipAsync(row, grant, 3, LedgerHost.Token)).ShouldBe(3);
        grant.Show(Birth, Birth.AddDays(1), 60);
        (await granted.SkipBackAsync(row, grant, long.MaxValue, Birth, LedgerHost.Token)).ShouldBe(long.MaxValue);
    }

    private static async Task<(Feed Feed, FeedRow Row)> WriteAsync(LedgerHost host)
    {
        var feed = await host.OpenFeedAsync();
        for (var minute = 0; minute < Updates; minute++)
        {
            await host.Log.AppendAsync([feed.Request(Update())], Birth.AddMinutes(minute), LedgerHost.Token);
        }

        return (feed, (await host.RowAsync(feed.Id))!);
    }
}
