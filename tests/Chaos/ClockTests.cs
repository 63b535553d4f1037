using ActivityHub.Chaos.Fleet;
using ActivityHub.TestKit;
using Xunit;

namespace ActivityHub.Chaos;

/// <summary>The clock of the hub's machine jumps by hours, forward and back, under load; durations and leases are not affected.</summary>
public sealed class ClockTests
{
    [Theory, BothDatabases]
    public async Task A_clock_that_jumps_by_hours_loses_nothing_and_mixes_up_nothing(Database database)
    {
        var run = ChaosRun.Begin(seconds: 5);
        var clock = new MovableClock();
        await using var hub = await StartAsync(database, clock);
        await using var stage = await Stage.SetAsync(run, hub.BaseUrl, [hub.BaseUrl], feeds: 3);
        // No public grants: their view is bounded by time, and time is wrong in this test.
        await Audience.FillAsync(stage, run, withPublic: false);

        run.Go();
        var writing = Task.WhenAll(stage.Feeds.Select(feed => stage.AddPhone(feed).WriteUntilAsync(() => run.IsOver)));
        var dice = run.Dice("clock");
        var jumps = 0;
        for (; !run.IsOver; jumps++)
        {
            clock.Right();
            clock.Forward(TimeSpan.FromHours((dice.NextDouble() * 24) - 12));
            await ChaosRun.PassAsync(TimeSpan.FromMilliseconds(dice.Next(200, 600)));
        }

        await writing;
        // Later than any time the clock has shown, so that everything that was postponed is due.
        clock.Right();
        clock.Forward(TimeSpan.FromHours(14));
        await stage.VerifyAsync($"{jumps} jumps of the clock on {database}");
    }

    private static Task<HubApp> StartAsync(Database database, MovableClock clock) => HubApp.StartAsync(database, options =>
    {
        options.Time = clock;
        foreach (var (name, value) in Cluster.Settings().Where(setting => setting.Key.StartsWith("Deliveries", StringComparison.Ordinal)))
        {
            options.Settings[name.Replace("__", ":", StringComparison.Ordinal)] = value;
        }
    });
}
