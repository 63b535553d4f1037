using System.Text.RegularExpressions;
using ActivityHub.TestKit;
using Shouldly;
using Xunit;

namespace ActivityHub.Conformance.Access;

/// <summary>
/// If two feeds differ only in hidden updates, their readers see no difference. A leak would usually show that there was a hidden update,
/// not the update itself: a gap in numbers, another ETag, a page that ends early, a stream that begins elsewhere.
/// </summary>
public sealed partial class HiddenDifferenceTests
{
    private const int SqliteRounds = 15;
    private const int Shown = 12;

    [Fact]
    public async Task What_a_view_hides_changes_nothing_that_its_reader_can_see()
    {
        var clock = new MovableClock();
        await using var hub = await HubApp.StartAsync(Database.Sqlite, options => Prepare(options, clock));
        var seed = Random.Shared.Next();
        for (var round = 0; round < SqliteRounds; round++)
        {
            await CompareAsync(hub, clock, seed + round, mayDelay: true);
        }
    }

    // On PostgreSQL the database's own clock decides when an update is due, so the test cannot skip a delay.
    [Fact]
    public async Task Nor_does_it_on_PostgreSQL()
    {
        var clock = new MovableClock();
        await using var hub = await HubApp.StartAsync(Database.Postgres, options => Prepare(options, clock));
        await CompareAsync(hub, clock, Random.Shared.Next(), mayDelay: false);
    }

    private static void Prepare(HubAppOptions options, MovableClock clock)
    {
        SharedHubs.Impatient(options);
        options.Time = clock;
    }

    private static async Task CompareAsync(HubApp hub, MovableClock clock, int seed, bool mayDelay)
    {
        var random = new Random(seed);
        var view = new RandomView(random, mayDelay);
        var told = $"seed {seed}: {view}";
        TestContext.Current.TestOutputHelper!.WriteLine(told);
        await using var listener = await CallbackListener.StartAsync();
        var owner = await hub.SignUpAsync();
        var now = clock.GetUtcNow();
        var request = view.Wish(now.AddHours(1), now.AddHours(2));
        var one = await OpenAsync(hub, owner, request, listener);
        var other = await OpenAsync(hub, owner, request, listener);
        var start = Position().Match(await one.FollowAsync(null, 0)).Groups[1].Value;
        var otherStart = Position().Match(await other.FollowAsync(null, 0)).Groups[1].Value;

        // Only one of the feeds gets updates before the view's beginning and after its end.
        if (view.HasBeginning)
        {
            await HideAsync(other, one, random, view.Any);
        }

        clock.Forward(TimeSpan.FromMinutes(61));
        for (var i = 0; i < Shown; i++)
        {
            await HideAsync(other, one, random, view.Hidden);
            var (first, second) = view.Pair(i);
            await one.Phone.PostAsync(first);
            await other.Phone.PostAsync(second);
            await one.PollAsync();
            await other.PollAsync();
        }

        clock.Forward(TimeSpan.FromMinutes(view.DelaySeconds > 0 ? 61 : view.HasEnd ? 60 : 0));
        await HideAsync(other, one, random, view.HasEnd || view.DelaySeconds > 0 ? view.Any : view.Hidden);

        await Task.WhenAll(LookAsync(one, start, listener), LookAsync(other, otherStart, listener));

        one.Found.Count.ShouldBe(Shown, told);
        other.Seen.ShouldBe(one.Seen, told);
    }

    private static async Task LookAsync(ReaderEyes eyes, string start, CallbackListener listener)
    {
        await eyes.ReadAsync(start);
        await eyes.FollowAsync(null, 0);
        await eyes.FollowAsync(start, eyes.Found.Count);
        await eyes.FollowAsync(eyes.Found[^1], eyes.Found.Count - 1);
        await eyes.ReceiveAsync(listener, "atom");
        await eyes.ReceiveAsync(listener, "json");
    }

    private static async Task<ReaderEyes> OpenAsync(HubApp hub, TestOwner owner, TestGrantRequest request, CallbackListener listener)
    {
        var phone = await owner.AddDeviceAsync();
        var grant = await owner.GrantAsync(phone.Feed, request);
        foreach (var (format, topic) in new[] { ("atom", grant.Urls.Atom), ("json", grant.Urls.Json) })
        {
            var callback = listener.Url($"/{phone.Feed}/{format}");
            await hub.SubscribeAsync(topic, callback, content: format == "json" ? "delta" : null);
            await owner.WaitForSubscriptionAsync(phone.Feed, callback);
        }

        return new ReaderEyes(hub, phone, grant) { Callback = $"/{phone.Feed}" };
    }

    // Both readers poll before and after; between the polls, one of the feeds gets hidden updates.
    private static async Task HideAsync(ReaderEyes from, ReaderEyes other, Random random, Func<int, string> update)
    {
        await from.PollAsync();
        await other.PollAsync();
        var before = from.LastModified;
        for (var i = random.Next(1, 4); i > 0; i--)
        {
            await from.Phone.PostAsync(update(random.Next()));
        }

        await from.PollAsync();
        await other.PollAsync();
        from.LastModified.ShouldBe(before);
    }

    [GeneratedRegex("^id: (.*)$", RegexOptions.Multiline)]
    private static partial Regex Position();
}
