using System.Globalization;
using System.Net;
using System.Text.Json;
using ActivityHub.TestKit;
using Npgsql;
using Shouldly;
using Xunit;

namespace ActivityHub.Conformance.Operators;

/// <summary>The telemetry of an update from the phone's POST to the callback's answer, through processes that share only rows.</summary>
public sealed class AcrossProcessesTests(Processes processes) : IClassFixture<Processes>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_delivery_in_the_workers_belongs_to_the_trace_of_the_POST_to_the_feed_api()
    {
        SkipWithoutPostgres();
        var trace = processes.Traces[^1];

        var post = await SpanAsync(span => span.TraceId == trace && span.Attributes.ContainsKey("http.route"));
        var commit = await SpanAsync(span => span.TraceId == trace && span.Name == "group commit");
        var delivery = await SpanAsync(span => span.TraceId == trace && span.Name == "deliver");

        (post.Service, post.ParentId, post.Attributes["http.route"]).ShouldBe(
            ("activity-hub-feeds", Processes.PhonesSpan, "/feeds/{feed}/updates"));
        (commit.Service, commit.ParentId).ShouldBe(("activity-hub-feeds", post.SpanId));
        (delivery.Service, delivery.Scope, delivery.ParentId).ShouldBe(("activity-hub-workers", "ActivityHub.Workers", post.SpanId));
        delivery.Links.ShouldBeEmpty();
        delivery.Attributes.ShouldContainKey("hub.subscription");
        delivery.Attributes.ShouldContainKey("hub.delivery");
        Told(
            delivery, "hub.feed", "hub.seq.from", "hub.seq.to", "hub.updates", "hub.outcome", "http.response.status_code", "server.address")
            .ShouldBe([processes.Phone.Feed, "4", "4", "1", "accepted", "204", "127.0.0.1"]);
    }

    [Fact]
    public async Task A_delivery_of_several_updates_is_linked_to_the_traces_of_all()
    {
        SkipWithoutPostgres();

        var delivery = await SpanAsync(span => span.TraceId == processes.Traces[0] && span.Name == "deliver");

        Told(delivery, "hub.seq.from", "hub.seq.to", "hub.updates", "hub.lane").ShouldBe(["1", "3", "3", "catch_up"]);
        delivery.Links.ShouldBe(processes.Traces.Skip(1).Take(2));
    }

    [Fact]
    public async Task A_callback_is_told_nothing_of_our_traces()
    {
        SkipWithoutPostgres();

        // The receiver shows that both POSTs were traced.
        await SpanAsync(span => span.TraceId == processes.Traces[^1] && span.Name == "deliver");
        await SpanAsync(span => span.Name == "verify");
        foreach (var name in (string[])["traceparent", "tracestate", "baggage", "Request-Id", "Correlation-Context"])
        {
            processes.Deliveries.Select(post => post.Header(name)).ShouldAllBe(value => value == null);
        }
    }

    [Fact]
    public async Task Where_nobody_traces_no_trace_is_stored_whatever_the_phone_sends()
    {
        SkipWithoutPostgres();
        await using var ledger = NpgsqlDataSource.Create(processes.Ledger);
        await using var look = ledger.CreateCommand("SELECT trace FROM updates ORDER BY seq");
        await using var reader = await look.ExecuteReaderAsync(Http.Cancel);
        var traces = new List<string?>();
        while (await reader.ReadAsync(Http.Cancel))
        {
            traces.Add(await reader.IsDBNullAsync(0, Http.Cancel) ? null : reader.GetString(0)[3..35]);
        }

        traces.Take(4).ShouldBe(processes.Traces);
        traces.Skip(4).ShouldHaveSingleItem().ShouldBeNull();
    }

    [Fact]
    public async Task Each_role_tells_its_figures_to_whoever_scrapes_it()
    {
        SkipWithoutPostgres();
        // The callback has its updates before the workers have its answer.
        await Eventually.ShouldAsync(
            async () => Figure(await Processes.ScrapeAsync(processes.Workers), "hub_delivery_updates_total") == Processes.Updates,
            Patience);
        var (feeds, workers, hub) = (
            await Processes.ScrapeAsync(processes.FeedApi), await Processes.ScrapeAsync(processes.Workers),
            await Processes.ScrapeAsync(processes.Hub));

        Figure(feeds, "hub_ingest_updates_total").ShouldBe(4);
        Figure(feeds, "hub_ingest_requests_total", "outcome=\"stored\"").ShouldBe(4);
        Figure(feeds, "hub_ingest_group_requests_sum").ShouldBe(4);
        Figure(feeds, "hub_ingest_commit_duration_seconds_count").ShouldBe(4);
        Figure(feeds, "hub_streams_open").ShouldBe(0);
        Figure(feeds, "http_server_request_duration_seconds_count", "http_route=\"/feeds/{feed}/updates\"").ShouldBe(4);

        Figure(workers, "hub_delivery_posts_total", "outcome=\"accepted\"").ShouldBe(processes.Deliveries.Count);
        Figure(workers, "hub_delivery_duration_seconds_count").ShouldBe(processes.Deliveries.Count);
        Figure(workers, "hub_delivery_size_bytes_sum").ShouldBe(processes.Deliveries.Sum(post => post.Body.Length));
        Figure(workers, "hub_delivery_in_flight").ShouldBe(0);
        Figure(workers, "hub_verifications_total", "verdict=\"confirmed\"").ShouldBe(1);
        Figure(workers, "hub_delivery_lag_seconds", "queue=\"express\"").ShouldBe(0);
        Figure(hub, "hub_delivery_lag_seconds", "queue=\"express\"").ShouldBe(0);

        // A process that serves feeds is not responsible for late deliveries.
        feeds.ShouldNotContain("hub_delivery");
        foreach (var text in (string[])[feeds, workers, hub])
        {
            foreach (var secret in (string[])[processes.Phone.Feed, processes.Phone.Key, processes.Grant.Key!, "of-the-callback",
                "Username"])
            {
                text.ShouldNotContain(secret);
            }
        }
    }

    [Theory]
    [InlineData("docs/grafana/activity-hub.json")]
    [InlineData("docs/operations.md")]
    public async Task What_the_dashboard_and_the_manual_name_is_there(string file)
    {
        SkipWithoutPostgres();
        var text = await File.ReadAllTextAsync(Path.Combine(Repository.Root, file), Http.Cancel);
        if (Path.GetExtension(file) == ".json")
        {
            JsonElement.Parse(text).GetProperty("panels").GetArrayLength().ShouldBeGreaterThan(15);
        }

        var named = Figures.NamedIn(text);
        named.Count.ShouldBeGreaterThan(15);

        // A chore runs every twenty seconds; its metrics appear after its first run.
        await Eventually.ShouldAsync(
            async () => (await MissingAsync()).Count == 0, TimeSpan.FromSeconds(90), string.Join(", ", await MissingAsync()));

        async Task<List<string>> MissingAsync() =>
        [
            .. named.Except(Figures.ToldBy(
                await Processes.ScrapeAsync(processes.FeedApi) + await Processes.ScrapeAsync(processes.Workers)
                    + await Processes.ScrapeAsync(processes.Hub))),
        ];
    }

    [Theory]
    [InlineData("GET", "/nothing/at/all", HttpStatusCode.NotFound)]
    [InlineData("DELETE", "/feeds/zzz/updates", HttpStatusCode.MethodNotAllowed)]
    public async Task FeedApi_alone_answers_with_problem_documents_too(string method, string path, HttpStatusCode status)
    {
        SkipWithoutPostgres();
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = new Uri(processes.FeedApi.BaseUrl) };
        using var request = new HttpRequestMessage(new HttpMethod(method), path);

        using var answer = await http.SendAsync(request, TestContext.Current.CancellationToken);

        await answer.ProblemAsync(status);
    }

    private static void SkipWithoutPostgres() => Assert.SkipWhen(PostgresServer.SkipReason is not null, PostgresServer.SkipReason ?? "");

    private Task<ReceivedSpan> SpanAsync(Func<ReceivedSpan, bool> fits) => processes.Receiver.WaitForAsync(fits, Patience);

    private static IEnumerable<string> Told(ReceivedSpan span, params string[] names) =>
        names.Select(name => span.Attributes.GetValueOrDefault(name, ""));

    private static double Figure(string scraped, string name, string label = "") => scraped.Split('\n')
        .Where(
            line =>
                (line.StartsWith(name + "{", StringComparison.Ordinal) || line.StartsWith(name + " ", StringComparison.Ordinal)) &&
                    line.Contains(label, StringComparison.Ordinal))
        .Sum(line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture));
}
