using ActivityHub.Chaos.Fleet;
using ActivityHub.TestKit;
using Shouldly;
using Xunit;

namespace ActivityHub.Chaos;

/// <summary>The whole product in one process on SQLite, killed repeatedly and started again on the same folder.</summary>
public sealed class SqliteKillTests
{
    [Fact]
    public async Task One_process_on_a_file_that_is_killed_again_and_again_loses_nothing_and_mixes_up_nothing()
    {
        var run = ChaosRun.Begin(seconds: 12);
        using var folder = new TempFolder();
        var settings = Cluster.Settings();
        settings["Roles"] = "hub,feeds,workers";
        settings["Hub__DataDirectory"] = folder.Path;
        await using var hub = HubProcess.Of("ActivityHub.Hub", settings);
        settings["Hub__PublicUrl"] = hub.BaseUrl;
        await hub.StartAsync();
        await using var stage = await Stage.SetAsync(run, hub.BaseUrl, [hub.BaseUrl], feeds: 4);
        await Audience.FillAsync(stage, run);
        var leaver = await stage.SubscribeAsync(stage.Feeds[0], stage.Good.At("/leaver"), secret: "l");

        run.Go();
        var gremlin = new Gremlin(run, run.Dice("gremlin"));
        var killing = gremlin.RunAsync(hub);
        var writing = stage.Feeds.Select(feed => stage.AddPhone(feed)).Append(stage.AddPhone(stage.Feeds[1], pace: TimeSpan.Zero))
            .Select(phone => phone.WriteUntilAsync(() => killing.IsCompleted)).ToList();
        await leaver.Callback.WaitForAsync(3, Stage.Patience);
        await stage.JoinAsync(stage.Feeds[0], stage.Good.At("/newcomer"), "n");
        await stage.LeaveAsync(leaver);
        await stage.RevokeAsync(stage.Feeds[^1]);
        await Task.WhenAll([killing, .. writing]);

        await stage.VerifyAsync($"{gremlin.Kills} kills");
        stage.Bad.At(BadCallbacks.Trap).Requests.ShouldBeEmpty();
    }
}
