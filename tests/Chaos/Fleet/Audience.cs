using System.Globalization;

namespace ActivityHub.Chaos.Fleet;

/// <summary>Subscribers of every sort on every feed of a stage: good and bad hosts, each format, selected kinds, public grants.</summary>
internal static class Audience
{
    /// <summary>Adds the subscribers. Nothing may have been written before, except by this method.</summary>
    public static async Task FillAsync(Stage stage, ChaosRun run, bool withPublic = true)
    {
        // Each feed has updates from before the first subscription; no subscriber may see them.
        await Task.WhenAll(stage.Feeds.Select(feed => stage.AddPhone(feed, mostRetries: 20).SendAsync(3)));
        await Task.WhenAll(
            stage.Feeds.Select(
                (feed, index) => FillAsync(stage, run, feed, string.Create(CultureInfo.InvariantCulture, $"/{index}"), withPublic)));
    }

    private static Task FillAsync(Stage stage, ChaosRun run, ChaosFeed feed, string path, bool withPublic)
    {
        var dice = run.Dice(path);
        return Task.WhenAll(
            stage.SubscribeAsync(feed, stage.Good.At(path + "/delta"), secret: "secret of " + path),
            stage.SubscribeAsync(feed, stage.Good.At(path + "/atom"), format: "atom"),
            stage.SubscribeAsync(feed, stage.Good.At(path + "/full"), secret: "full", full: true),
            stage.SubscribeAsync(feed, stage.Good.At(path + "/battery"), secret: "battery", kind: "battery"),
            withPublic ? stage.SubscribePublicAsync(feed, stage.Good.At(path + "/public"), "everybody") : Task.CompletedTask,
            stage.SubscribeAsync(feed, stage.Bad.At(path + "/flaky").Flaky(dice, stage.Bad), secret: "flaky"),
            stage.SubscribeAsync(feed, stage.Bad.At(path + "/hanging").Hanging(dice), format: "atom", secret: "hanging"),
            stage.SubscribeAsync(feed, stage.Bad.At(path + "/down").Down(dice), secret: "down", kind: "sensor"));
    }
}
