using ActivityHub.Bench.Load;
using ActivityHub.Bench.Running;
using ActivityHub.TestKit;

namespace ActivityHub.Bench.Plans;

/// <summary>
/// Reports the plans of the hub's statements on PostgreSQL with a million updates, and the cost of each in pages. It is not a benchmark: it
/// has no yardstick, and the server's accounting per node makes all times longer.
/// </summary>
internal static class PlansCommand
{
    public const string Name = "plans";

    private const int Feeds = 100_000;
    private const int UpdatesEach = 10;
    private const int Connections = 64;

    // The first runs of a statement on a connection are planned one by one; after this number most connections have their final plan.
    private const int WarmUps = 3000;
    private const int Singles = 8000;
    private const int Hundreds = 100;
    private const int Reads = 200;

    // Some callbacks fail and some hang, so that the catch-up lane has work to claim and leases are renewed.
    private static readonly Misbehave Trouble = new(FailEvery: 100, HangEvery: 1001);
    private static readonly Misbehave NoTrouble = new(0, 0);

    // Periodic statements run every minute, except chores of five minutes and of hours.
    private static readonly TimeSpan AtLeast = TimeSpan.FromSeconds(65);

    /// <returns>The report to print.</returns>
    public static async Task<string> RunAsync(Session session)
    {
        var server = session.Server!;
        var log = server.LogFile ?? throw new InvalidOperationException("The log of a server that somebody else runs is not to be read.");
        await CheckAsync(server, session.Stop);
        await using var stand = await Stand.BuildAsync(
            session, (population, root) => population.Add(Feeds, 1, root, UpdatesEach), started: false);
        await AutoExplain.SwitchOnAsync(stand.Store.Ledger!, session.Stop);
        await AutoExplain.TidyAsync(stand.Store.Ledger!, session.Stop);
        await stand.Hub.StartAsync();
        await WriteAsync(stand, WarmUps, hundreds: false);
        await ReadAsync(stand, WarmUps, 20, session.Stop);

        var (begun, started) = (PlanLog.End(log), TimeProvider.System.GetTimestamp());
        await stand.AskAsync<Done>(Trouble);
        var updates = await WriteAsync(stand, Singles, hundreds: false, settle: false);
        await stand.AskAsync<Done>(NoTrouble);
        await stand.AskAsync<Done>(new Settle());
        updates += 100 * await WriteAsync(stand, Hundreds, hundreds: true);
        await ReadAsync(stand, 0, Reads, session.Stop);
        await ReadAsync(stand, WarmUps + Singles, Hundreds, session.Stop);
        if (AtLeast - TimeProvider.System.GetElapsedTime(started) is { Ticks: > 0 } rest)
        {
            await Task.Delay(rest, TimeProvider.System, session.Stop);
        }

        var seconds = TimeProvider.System.GetElapsedTime(started).TotalSeconds;
        await stand.Hub.StopAsync();
        return new PlanReport([.. PlanLog.Read(log, begun)], updates, seconds).Write(Method);
    }

    private static string Method =>
        $"{Feeds:#,0} feeds with one subscription each, {Feeds * UpdatesEach:#,0} updates, as many attempts. {Connections} connections "
        + $"write {Singles:#,0} updates, " +
        $"one a request, then {Hundreds} requests of a hundred, in turn to feeds, each update under an id of its own; meanwhile one "
        + $"callback in {Trouble.FailEvery} fails " +
        $"and one in {Trouble.HangEvery:#,0} hangs; {Reads + Hundreds} feeds are read. {WarmUps:#,0} updates came before and are not "
        + "counted. Every statement of the hub as " +
        "the server's log has it (auto_explain). \"Generic\": the plan was made once for a connection, for any values. \"Buffers\" are "
        + "pages of 8 KiB, in memory or not; " +
        "\"each\" is all of them by all that was asked for; in brackets stands the most. \"All of index\" is an index that is walked "
        + "without being searched. " +
        "Times are those of a server that keeps account of every node.";

    private static async Task CheckAsync(PostgresServer server, CancellationToken stop)
    {
        var database = await server.CreateDatabaseAsync();
        var installed = await AutoExplain.IsInstalledAsync(database, stop);
        await server.DropDatabaseAsync(database);
        if (!installed)
        {
            throw new InvalidOperationException(
                "This PostgreSQL has no auto_explain, so no plans can be read. It is one of the server's contributed modules: Debian has "
                + "it in postgresql, others in postgresql-contrib.");
        }
    }

    private static async Task<long> WriteAsync(Stand stand, int requests, bool hundreds, bool settle = true)
    {
        var run = await stand.AskAsync<FlatRun>(
            new WriteFlat(0, Feeds, Connections, hundreds, Seconds: 120, Requests: requests, Named: true));
        if (run.Requests < requests)
        {
            throw new InvalidOperationException($"The phones have written {run.Requests} of {requests} requests within two minutes.");
        }

        if (settle)
        {
            await stand.AskAsync<Done>(new Settle());
        }

        return run.Requests;
    }

    // Reads different documents of different feeds: a document that was read before would come from the hub's cache.
    private static async Task ReadAsync(Stand stand, int firstPhone, int phones, CancellationToken stop)
    {
        using var handler = new SocketsHttpHandler();
        using var http = new HttpClient(handler) { BaseAddress = new Uri(stand.Hub.BaseUrl) };
        for (var phone = firstPhone; phone < firstPhone + phones; phone++)
        {
            var feed = stand.Population.AtomPath(phone);
            foreach (var path in (string[])[feed, feed + "&kind=battery", feed + "&after=5", stand.Population.UpdatePath(phone, seq: 5)])
            {
                using var response = await http.GetAsync(path, stop);
                response.EnsureSuccessStatusCode();
            }
        }
    }
}
