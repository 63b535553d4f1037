using System.Text.Json.Nodes;
using ActivityHub.Phones.Checking;
using ActivityHub.Phones.CommandLine;
using ActivityHub.Phones.Demo;
using ActivityHub.Phones.Http;
using ActivityHub.Phones.Listening;
using ActivityHub.Phones.Replay;
using ActivityHub.Phones.Simulation;
using ActivityHub.Phones.Tests.Stubs;
using Shouldly;

namespace ActivityHub.Phones.Tests;

/// <summary>The verbs as they are typed, against a stub of a hub over real sockets.</summary>
public sealed class WholeWayTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_fleet_pushes_what_was_asked_for()
    {
        await using var hub = await StubHub.StartAsync();

        var (code, output) = await RunAsync(
            SimulateCommand.Verb,
            "--hub",
            $"{hub.Url}",
            "--count",
            "3",
            "--rate",
            "2000",
            "--updates",
            "100",
            "--seed",
            "5"
        );

        code.ShouldBe(ExitCode.Done, output);
        output.ShouldContain("seed 5");
        output.ShouldMatch(@"accepted\s*\|\s*100");
        Enumerable.Range(1, 3).Sum(device => hub.Feed($"f{device}").Count).ShouldBe(100);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_is_replayed_arrives_once_in_order_and_signed(bool hubRepeats)
    {
        await using var hub = await StubHub.StartAsync();
        if (hubRepeats)
        {
            hub.Posts = updates => [updates, updates];
        }

        var (code, output) = await CheckReplayAsync(hub, "--allow-repeats");

        code.ShouldBe(ExitCode.Done, output);
        output.ShouldContain($"46 of 46 updates arrived in {(hubRepeats ? 16 : 8)} POSTs, {(hubRepeats ? 46 : 0)} again");
        output.ShouldContain("all 6 subscriptions are right");
        await hub.AllGoneAsync();
    }

    [Fact]
    public async Task A_hub_that_repeats_is_found_out()
    {
        await using var hub = await StubHub.StartAsync();
        hub.Posts = updates => [updates, updates];

        var (code, output) = await CheckReplayAsync(hub);

        code.ShouldBe(ExitCode.Failed, output);
        output.ShouldContain("arrived already");
    }

    [Fact]
    public async Task A_hub_that_signs_wrongly_is_found_out()
    {
        await using var hub = await StubHub.StartAsync();
        hub.Signature = signature => signature[..^1] + (signature[^1] == '0' ? '1' : '0');

        var (code, output) = await CheckReplayAsync(hub, "--timeout", "3");

        code.ShouldBe(ExitCode.Failed, output);
        output.ShouldContain("the signature is wrong");
    }

    [Fact]
    public async Task A_denied_subscription_says_why()
    {
        await using var hub = await StubHub.StartAsync();
        hub.Denies = "the grant has ended";
        var errors = new StringWriter();

        var code = await CommandRun.RunAsync(
            ListenCommand.Verb,
            ["--topic", $"{hub.Url}feeds/f1.atom", "--secret", "s"],
            new RecordedConsole().Context(TestContext.Current.CancellationToken),
            errors
        );

        code.ShouldBe(ExitCode.Failed);
        errors.ToString().ShouldContain("the hub denied the subscription: the grant has ended");
    }

    [Fact]
    public async Task A_demo_prints_urls_first_then_deliveries_and_leaves_nothing_behind()
    {
        await using var hub = await StubHub.StartAsync();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        using var http = HubConnection.Open();
        var output = new RecordedConsole();
        var sender = new RequestSender(http, RetryPolicy.Default, TimeProvider.System);

        var demo = DemoCommand.PlayAsync(output.Context(stop.Token), hub.Url, Credentials.Random(), new Fleet(2, 1), 50, sender);
        await output.SeesAsync(" ms  #2 ");
        await stop.CancelAsync();
        await demo.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);

        output.Text.ShouldStartWith($"Open in a browser: {hub.Url}feeds/f1.rss?key=reader");
        output.Text.ShouldContain("unsubscribed");
        await hub.AllGoneAsync();
    }

    private async Task<(int Code, string Output)> CheckReplayAsync(StubHub hub, params string[] more)
    {
        var map = Path.Combine(_folder.Path, "map.json");
        string[] files = [Source("one", 11, gzipped: true), Source("two", 12, gzipped: false), Source("none", 0, gzipped: true)];
        var (registered, told) = await RunAsync(ReplayCommand.Verb, [.. files, "--hub", $"{hub.Url}", "--register-only", "--out", map]);
        registered.ShouldBe(ExitCode.Done, told);

        var (output, errors) = (new RecordedConsole(), new StringWriter());
        var check = CommandRun.RunAsync(
            CheckCommand.Verb,
            ["--devices", map, "--sources", .. files, "--settle", "0.2", .. more],
            output.Context(TestContext.Current.CancellationToken),
            errors
        );
        await Task.WhenAny(check, output.SeesAsync("ready: 6 subscriptions are confirmed"));
        var (replayed, table) = await RunAsync(ReplayCommand.Verb, [.. files, "--devices", map, "--batch", "10"]);
        replayed.ShouldBe(ExitCode.Done, table);
        table.ShouldMatch(@"accepted\s*\|\s*23");
        return (await check, output.Text + errors);
    }

    private string Source(string name, int updates, bool gzipped) =>
        _folder.Write(
            $"{name}.ndjson.gz",
            string.Concat(
                Enumerable
                    .Range(1, updates)
                    .Select(i => new JsonObject { ["id"] = $"{name}-{i}", ["kind"] = "battery" }.ToJsonString() + "\n")
            ),
            gzipped
        );

    private static async Task<(int Code, string Output)> RunAsync(Verb verb, params string[] words)
    {
        var (output, errors) = (new RecordedConsole(), new StringWriter());
        var code = await CommandRun.RunAsync(verb, words, output.Context(TestContext.Current.CancellationToken), errors);
        return (code, output.Text + errors);
    }
}
