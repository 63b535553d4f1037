using System.Collections.Concurrent;
using ActivityHub.TestKit;
using Xunit;
using static ActivityHub.Conformance.Http;

namespace ActivityHub.Conformance.Access;

/// <summary>
/// Reads random updates under random grants through every output of the hub: each shows exactly what <c>View.Of</c> shows, byte for byte,
/// and nothing else. A failure names its seed; <c>new Sights(…, seed)</c> repeats that case.
/// </summary>
public sealed class EveryWayOutTests
{
    private const int AtOnce = 6;

    [Theory]
    [InlineData(Database.Sqlite, 100, true)]
    // On PostgreSQL the database's own clock sets the received time, so the test cannot skip a delay.
    [InlineData(Database.Postgres, 20, false)]
    public async Task Each_way_out_shows_what_the_view_says_and_nothing_else(Database database, int cases, bool mayDelay)
    {
        var clock = new MovableClock();
        await using var hub = await HubApp.StartAsync(database, options =>
        {
            SharedHubs.Impatient(options);
            options.Time = clock;
        });
        await using var listener = await CallbackListener.StartAsync();
        var owner = await hub.SignUpAsync();
        using var zone = await owner.Http.PostJsonAsync("/api/zones", """{"name":"home","lat":10,"lon":20,"radius":1000}""");
        await zone.JsonAsync(System.Net.HttpStatusCode.Created);
        var seed = Random.Shared.Next();
        TestContext.Current.TestOutputHelper!.WriteLine($"seeds {seed} to {seed + cases - 1}");
        var all = new ConcurrentBag<Sights>();

        await EachAsync(Enumerable.Range(seed, cases), async one => all.Add(await Sights.BeginAsync(hub, owner, listener, one, mayDelay)));
        // Updates from before this moment are older than a delay of one hour, later ones are not.
        clock.Forward(TimeSpan.FromHours(2));
        await EachAsync(all, sights => sights.GrantAsync());
        await EachAsync(all, sights => sights.ReadAsync());
        await EachAsync(all, sights => sights.FollowAsync());
        await EachAsync(all, sights => sights.ReceiveAsync());
        await EachAsync(all, sights => sights.PollAsync());
        // By now any delivery that must not be sent would have arrived.
        await EachAsync(all, sights => sights.CheckDeliveriesAsync());
        await EachAsync(all, sights => sights.CheckReceiptsAsync());
    }

    private static Task EachAsync<T>(IEnumerable<T> all, Func<T, Task> work) =>
        Parallel.ForEachAsync(
            all, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = Cancel }, async (one, _) => await work(one));
}
