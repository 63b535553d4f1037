using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Workers.Outbound;
using ActivityHub.Workers.Settings;
using Microsoft.Extensions.Options;
using Shouldly;
using Xunit;

namespace ActivityHub.Workers.Tests.Outbound;

// docs/architecture.md, Rules of delivery: Per host: a bulkhead (32 in flight, configurable; catch-up gets at most half).
public sealed class HostBulkheadsTests
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(10);
    private readonly HostBulkheads _hosts = new(
        Options.Create(new DeliveryOptions { PerHost = 4 }), Meters.Deliveries, TimeProvider.System);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Catch_up_gets_at_most_half_and_express_what_is_left()
    {
        for (var i = 0; i < 2; i++)
        {
            (await EnterAsync(Lane.CatchUp)).ShouldNotBeNull();
        }

        (await EnterAsync(Lane.CatchUp)).ShouldBeNull();
        (await EnterAsync(Lane.Express)).ShouldNotBeNull();
        (await EnterAsync(Lane.Express)).ShouldNotBeNull();
        (await EnterAsync(Lane.Express)).ShouldBeNull();
    }

    [Fact]
    public async Task Express_may_take_all_and_catch_up_waits()
    {
        var slots = new List<HostBulkheads.Slot?>();
        for (var i = 0; i < 4; i++)
        {
            slots.Add(await EnterAsync(Lane.Express));
        }

        (await EnterAsync(Lane.CatchUp)).ShouldBeNull();
        var waiting = _hosts.EnterAsync("h", Lane.CatchUp, Long, Cancel);
        waiting.IsCompleted.ShouldBeFalse();
        slots[0]!.Dispose();
        (await waiting).Slot.ShouldNotBeNull();
    }

    [Fact]
    public async Task A_host_that_is_full_takes_no_slot_of_another_and_names_have_no_case()
    {
        for (var i = 0; i < 4; i++)
        {
            await EnterAsync(Lane.Express, "Hangs.example:80");
        }

        (await EnterAsync(Lane.Express, "hangs.EXAMPLE:80")).ShouldBeNull();
        (await EnterAsync(Lane.Express, "other.example:80")).ShouldNotBeNull();
    }

    [Fact]
    public async Task What_was_given_back_is_there_for_both_lanes_again()
    {
        for (var round = 0; round < 20; round++)
        {
            var slots = new List<HostBulkheads.Slot?>();
            foreach (var lane in new[] { Lane.CatchUp, Lane.Express, Lane.CatchUp, Lane.Express })
            {
                slots.Add(await EnterAsync(lane));
                slots[^1].ShouldNotBeNull();
            }

            (await EnterAsync(Lane.CatchUp)).ShouldBeNull();
            slots.ForEach(slot => slot!.Dispose());
        }
    }

    [Fact]
    public async Task Who_gives_up_waiting_takes_nothing_with_him()
    {
        using var enough = new CancellationTokenSource();
        var held = new List<HostBulkheads.Slot?>();
        for (var i = 0; i < 4; i++)
        {
            held.Add(await EnterAsync(Lane.Express));
        }

        var waiting = _hosts.EnterAsync("h", Lane.CatchUp, Long, enough.Token).AsTask();
        await enough.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(waiting);
        held.ForEach(slot => slot!.Dispose());
        (await EnterAsync(Lane.CatchUp)).ShouldNotBeNull();
        (await EnterAsync(Lane.CatchUp)).ShouldNotBeNull();
    }

    private async Task<HostBulkheads.Slot?> EnterAsync(Lane lane, string host = "h") =>
        (await _hosts.EnterAsync(host, lane, TimeSpan.Zero, Cancel)).Slot;
}
