using ActivityHub.Ledger.Subscriptions;
using ActivityHub.TestKit;
using Shouldly;
using Xunit;
using static ActivityHub.Ledger.Tests.LedgerRows;

namespace ActivityHub.Ledger.Tests.Subscriptions;

public class RescueTests
{
    [Theory, BothDatabases]
    public async Task An_express_cursor_behind_its_sleeping_mark_is_found_and_no_other_is(Database database)
    {
        await using var host = await LedgerHost.StartAsync(database);
        var (idle, busy) = (await host.OpenFeedAsync(), await host.OpenFeedAsync());
        var (sleeping, working) = (await host.AddMarkAsync(idle, head: 5), await host.AddMarkAsync(busy, head: 5));
        await host.AppendAsync(busy, Update());
        await host.SubscribeAsync(sleeping, 5);
        await host.SubscribeAsync(sleeping, 3, Lane.CatchUp, Birth.AddHours(1));
        await host.SubscribeAsync(working, 3);
        (await RescueAsync(0, 255)).ShouldBe(0);

        var lagging = await host.SubscribeAsync(sleeping, 4);
        (await RescueAsync((short)(idle.Bucket + 1), 300)).ShouldBe(0, "another's buckets");
        (await RescueAsync(0, 255)).ShouldBe(1);
        (await RescueAsync(0, 255)).ShouldBe(0);

        var cursor = await host.CursorAsync(lagging);
        (cursor.Lane, cursor.Position, cursor.DueAt).ShouldBe((Lane.CatchUp, 4, Birth));

        Task<int> RescueAsync(short from, short to) => host.Deliveries.RescueAsync(from, to, Birth, LedgerHost.Token);
    }
}
