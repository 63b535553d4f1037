using ActivityHub.Ledger.Grants;
using ActivityHub.Ledger.Updates;
using ActivityHub.TestKit;
using Microsoft.EntityFrameworkCore;
using Shouldly;
using Xunit;
using static ActivityHub.Ledger.Tests.LedgerRows;

namespace ActivityHub.Ledger.Tests.Updates;

/// <summary>
/// After a restore, the hub assigns numbers again that readers already have; the generation decides which of two updates a position means.
/// </summary>
public sealed class LogGenerationTests
{
    [Theory, BothDatabases]
    public async Task A_process_knows_the_generation_from_its_start_on(Database database)
    {
        await using var store = await LedgerStore.CreateAsync(database);
        long feedId;
        await using (var host = await LedgerHost.StartAsync(store))
        {
            feedId = (await host.OpenFeedAsync()).Id;
            host.Get<LogGeneration>().Current.ShouldBe(1);
            (await RaiseAsync(host)).ShouldBe(2);
            (await RaiseAsync(host, above: 7)).ShouldBe(8);
            host.Get<LogGeneration>().Current.ShouldBe(1);
        }

        await using var restarted = await LedgerHost.StartAsync(store);
        restarted.Get<LogGeneration>().Current.ShouldBe(8);
        restarted.Get<LogGeneration>().Write(5).ShouldBe("5-8");
        await using var context = restarted.Context();
        (await context.GenerationHeads.OrderBy(row => row.Generation).Select(row => row.Generation).ToListAsync(LedgerHost.Token))
            .ShouldBe([2, 8]);
        await context.Feeds.Where(feed => feed.Id == feedId).ExecuteDeleteAsync(LedgerHost.Token);
        (await context.GenerationHeads.CountAsync(LedgerHost.Token)).ShouldBe(0);
    }

    // Generation 1 ends at 10 and is restored to 5; generation 2 ends at 8 and is restored to 7; generation 3 is at 12.
    [Theory, BothDatabases]
    public async Task A_reader_goes_on_where_its_log_and_this_one_part(Database database)
    {
        await using var store = await LedgerStore.CreateAsync(database);
        long feedId;
        await using (var host = await LedgerHost.StartAsync(store))
        {
            feedId = (await host.OpenFeedAsync()).Id;
            await SetHeadAsync(host, feedId, 5);
            await RaiseAsync(host);
            await SetHeadAsync(host, feedId, 7);
            await RaiseAsync(host);
            await SetHeadAsync(host, feedId, 12);
        }

        await using var restored = await LedgerHost.StartAsync(store);
        var row = (await restored.RowAsync(feedId))!;
        var later = (await restored.OpenFeedAsync()).Id;
        var places = restored.Get<ReaderPlaces>();
        foreach (var ((seq, generation), expected) in new[]
        {
            ((4L, 1), new ReaderPlace(4)), ((5, 1), new(5)), ((10, 1), new(5, LostTo: 10)), ((6, 1), new(5, LostTo: 6)),
            ((7, 2), new(7)), ((8, 2), new(7, LostTo: 8)), ((12, 3), new(12)), ((13, 3), new(12, LostTo: 13)), ((3, 9), new(0, LostTo: 3)),
        })
        {
            (await places.FindAsync(row, new Position(seq, generation), LedgerHost.Token)).ShouldBe(expected, $"{seq}-{generation}");
        }

        // A feed created later has no positions of an earlier generation.
        (await places.FindAsync(later, head: 3, new Position(2, 1), LedgerHost.Token)).ShouldBe(new ReaderPlace(2));
    }

    private static async Task<int> RaiseAsync(LedgerHost host, int above = 0)
    {
        await using var context = host.Context();
        return await LogGeneration.RaiseAsync(context, above, Birth, LedgerHost.Token);
    }

    private static async Task SetHeadAsync(LedgerHost host, long feedId, long head)
    {
        await using var context = host.Context();
        await context.Feeds.Where(feed => feed.Id == feedId)
            .ExecuteUpdateAsync(set => set.SetProperty(feed => feed.Head, head), LedgerHost.Token);
    }
}
