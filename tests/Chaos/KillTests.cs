using ActivityHub.Chaos.Fleet;
using Shouldly;
using Xunit;

namespace ActivityHub.Chaos;

/// <summary>
/// docs/architecture.md, What always holds: an update answered with 2xx is never lost by a kill -9 of any process at any moment. Every role
/// is a separate process here, on one PostgreSQL.
/// </summary>
[Collection(OnOneCluster.Name)]
public sealed class KillTests(SharedCluster shared)
{
    [Fact]
    public async Task Processes_of_every_role_that_are_killed_at_any_moment_lose_nothing_and_mix_up_nothing()
    {
        var cluster = await shared.WholeAsync();
        var run = ChaosRun.Begin(seconds: 15);
        await using var stage = await Stage.SetAsync(run, cluster.Hub.BaseUrl, cluster.Addresses, feeds: 5);
        await Audience.FillAsync(stage, run);
        var (parting, revoked) = (stage.Feeds[0], stage.Feeds[^1]);
        var leaver = await stage.SubscribeAsync(parting, stage.Good.At("/leaver"), secret: "l");

        run.Go();
        var gremlin = new Gremlin(run, run.Dice("gremlin"));
        var killing = gremlin.RunAsync(cluster.All);
        var writing = stage.Feeds.SelectMany(feed => new[] { stage.AddPhone(feed), stage.AddPhone(feed) })
            // One phone never pauses, so that many updates are always on the way.
            .Append(stage.AddPhone(parting, pace: TimeSpan.Zero))
            .Select(phone => phone.WriteUntilAsync(() => killing.IsCompleted)).ToList();
        await leaver.Callback.WaitForAsync(3, Stage.Patience);
        await stage.JoinAsync(parting, stage.Good.At("/newcomer"), "n");
        await stage.LeaveAsync(leaver);
        await stage.RevokeAsync(revoked);
        await Task.WhenAll([killing, .. writing]);

        await stage.VerifyAsync($"{gremlin.Kills} kills");
        stage.Bad.At(BadCallbacks.Trap).Requests.ShouldBeEmpty();
    }
}
