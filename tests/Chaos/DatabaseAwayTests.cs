using ActivityHub.Chaos.Fleet;
using ActivityHub.TestKit;
using Xunit;

namespace ActivityHub.Chaos;

/// <summary>PostgreSQL stops under load, by a crash and gracefully, for moments and for longer than a lease, and starts again.</summary>
[Collection(OnOneCluster.Name)]
public sealed class DatabaseAwayTests(SharedCluster shared)
{
    [Fact]
    public async Task A_database_that_is_stopped_and_started_loses_nothing_and_nobody_needs_a_restart()
    {
        var cluster = await shared.WholeAsync();
        var run = ChaosRun.Begin(seconds: 14);
        await using var stage = await Stage.SetAsync(run, cluster.Hub.BaseUrl, cluster.Addresses, feeds: 4);
        await Audience.FillAsync(stage, run);

        run.Go();
        var writing = Task.WhenAll(
            stage.Feeds.SelectMany(feed => new[] { stage.AddPhone(feed), stage.AddPhone(feed) })
                .Select(phone => phone.WriteUntilAsync(() => run.IsOver)));
        var dice = run.Dice("outage");
        var outages = 0;
        for (; !run.IsOver; outages++)
        {
            await ChaosRun.PassAsync(TimeSpan.FromSeconds(0.5 + dice.NextDouble()));
            var how = outages % 2 == 0 ? PostgresStop.Immediate : PostgresStop.Fast;
            var since = TimeProvider.System.GetUtcNow();
            await cluster.Postgres.StopAsync(how);
            // The second outage is longer than a lease: leases held before it are free when the database is back.
            var length = outages == 1 ? Cluster.Lease + TimeSpan.FromSeconds(1) : TimeSpan.FromSeconds(2 * dice.NextDouble());
            await ChaosRun.PassAsync(length);
            await cluster.Postgres.StartAsync();
            // Deliveries accepted during the outage are recorded with the next try, at most half a second later.
            run.Disturbances.Add(since, TimeProvider.System.GetUtcNow() + TimeSpan.FromSeconds(1));
            run.Say($"stopped ({how}) for {length.TotalSeconds:0.0} s");
        }

        await writing;
        await stage.VerifyAsync($"{outages} outages");
    }
}
