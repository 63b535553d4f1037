using System.Globalization;

namespace ActivityHub.Chaos.Fleet;

/// <summary>
/// Subscribers of every sort on every feed of a stage: good and bad hosts, each format, part of the kinds, what everybody may see.
/// </summary>
internal static class Audience
{
    /// <summary>Before this nothing has been written, except by this.</summary>
    public static async Task FillAsync(Stage stage, ChaosRun run, bool withPublic = true)
    {
        // Something is there before everybody comes, which nobody may see.
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
