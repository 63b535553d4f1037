using ActivityHub.Phones.Http;
using ActivityHub.Phones.Replay;
using ActivityHub.Phones.Reporting;
using ActivityHub.Phones.Tests.Stubs;
using Shouldly;

namespace ActivityHub.Phones.Tests.Replay;

public sealed class FileReplayTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Tally _tally = new();
    private readonly ImpatientTime _time = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Batches_keep_the_order_of_the_file()
    {
        await using var hub = await StubServer.AnsweringAsync(http => http.Response.StatusCode = 200);

        await ReplayAsync(hub, Lines(5), 2, ReplaySpeed.Max);

        hub.Bodies.Select(body => body.Count(letter => letter == '\n')).ShouldBe([2, 2, 1]);
        string.Concat(hub.Bodies).ShouldBe(Lines(5));
        _time.Waited.ShouldBeEmpty();
    }

    [Fact]
    public async Task After_a_loss_nothing_more_is_sent_and_all_of_it_is_counted()
    {
        await using var hub = await StubServer.AnsweringAsync(
            http => http.Response.StatusCode = 200,
            http => http.Response.StatusCode = 500
        );

        await ReplayAsync(hub, Lines(7), 2, ReplaySpeed.Max);

        _tally.Accepted.ShouldBe(2);
        _tally.Errors.ShouldBe(2);
        _tally.Unsent.ShouldBe(3);
        _tally.AllWell.ShouldBeFalse();
        string.Concat(hub.Bodies).ShouldNotContain("u5");
    }

    [Fact]
    public async Task A_line_that_is_no_update_is_left_out_and_fails_the_run()
    {
        await using var hub = await StubServer.AnsweringAsync(http => http.Response.StatusCode = 200);

        await ReplayAsync(hub, "{\"id\":\"a\"}\nnonsense\n{\"id\":\"b\"}\n", 10, ReplaySpeed.Max);

        hub.Bodies.ShouldBe(["{\"id\":\"a\"}\n{\"id\":\"b\"}\n"]);
        _tally.AllWell.ShouldBeFalse();
        _tally.Faults.ShouldHaveSingleItem().ShouldStartWith("p:2: not JSON");
    }

    [Fact]
    public async Task Recorded_time_goes_by_at_the_speed_asked_for_and_a_step_back_is_due_at_once()
    {
        await using var hub = await StubServer.AnsweringAsync(http => http.Response.StatusCode = 200);
        string[] times = ["08:00:00", "09:00:00", "08:30:00"];

        await ReplayAsync(
            hub,
            string.Concat(times.Select((time, i) => $"{{\"id\":\"u{i}\",\"at\":\"2026-11-23T{time}Z\"}}\n")),
            10,
            new ReplaySpeed(60)
        );

        // The clock itself stands still for this test: the second line is an hour away, which is a minute; the third half of that.
        _time.Waited.Count.ShouldBe(2);
        _time.Waited.First().ShouldBeInRange(TimeSpan.FromSeconds(50), TimeSpan.FromSeconds(60));
        _time.Waited.Last().ShouldBeInRange(TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(30));
        hub.Bodies.Count.ShouldBe(3);
    }

    private async Task ReplayAsync(StubServer hub, string lines, int batch, ReplaySpeed speed)
    {
        using var http = HubConnection.Open();
        var policy = RetryPolicy.Default with { Tries = 1 };
        var file = new UpdateFile(_folder.Write("p.ndjson", lines, gzipped: false));
        var replay = new FileReplay(
            file,
            new FeedWriter(hub.Url, "key", new RequestSender(http, policy, _time)),
            batch,
            speed,
            _tally,
            _time
        );
        var token = TestContext.Current.CancellationToken;
        await replay.RunAsync(new DateTimeOffset(2026, 11, 23, 8, 0, 0, TimeSpan.Zero), _time.GetTimestamp(), token, token);
    }

    private static string Lines(int count) => string.Concat(Enumerable.Range(1, count).Select(i => $"{{\"id\":\"u{i}\"}}\n"));
}
