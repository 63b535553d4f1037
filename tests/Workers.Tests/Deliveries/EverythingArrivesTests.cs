using System.Globalization;
using System.Net;
using ActivityHub.TestKit;
using ActivityHub.Workers.Deliveries;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace ActivityHub.Workers.Tests.Deliveries;

// docs/architecture.md, Rules of delivery: at least once, in order, repeats only as whole POSTs after a failure, for every behaviour of
// callbacks and in both lanes.
public sealed class EverythingArrivesTests
{
    private const int Phones = 4;
    private const int Subscribers = 6;
    private const int Updates = 240;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory, BothDatabases]
    public async Task Every_update_arrives_at_every_subscriber_in_order_whatever_their_callbacks_do(Database database)
    {
        var seed = Random.Shared.Next();
        TestContext.Current.TestOutputHelper!.WriteLine($"seed {seed}");
        await using var stage = await Stage.SetAsync(database, options =>
        {
            options.Settings["Deliveries:Timeout"] = "00:00:00.4";
            options.Settings["Deliveries:SlowAfter"] = "00:00:00.06";
            options.Settings["Deliveries:BackoffBase"] = "00:00:00.02";
            options.Settings["Deliveries:BackoffCap"] = "00:00:00.2";
            options.Settings["Deliveries:MaxUpdates"] = "17";
        });
        await using var host = await CallbackListener.StartAsync();
        var feeds = new List<(Stage Stage, List<Scripted> Paths)>();
        for (var phone = 0; phone < Phones; phone++)
        {
            var own = phone == 0 ? stage : await Stage.OnAsync(stage.Hub);
            var paths = Enumerable.Range(0, Subscribers)
                .Select(number => new Scripted(host.At($"/{phone}/{number}"), new Random(seed + (phone * 100) + number))).ToList();
            // Half of them subscribe before the first update; the others join later and request all updates.
            await Task.WhenAll(paths.Take(Subscribers / 2).Select(path => own.SubscribeAsync(path.Path, secret: "s")));
            feeds.Add((own, paths));
        }

        await Task.WhenAll(feeds.Select(async (feed, index) =>
        {
            var random = new Random(seed - index);
            for (var number = 1; number <= Updates;)
            {
                var last = Math.Min(Updates, number + random.Next(0, random.Next(4) == 0 ? 60 : 4));
                await feed.Stage.PostAsync(number, last);
                if (number <= Updates / 3 && last >= Updates / 3)
                {
                    await Task.WhenAll(feed.Paths.Skip(Subscribers / 2).Select(path => feed.Stage.SubscribeAsync(path.Path, after: "0")));
                }

                number = last + 1;
            }
        }));

        foreach (var (own, path) in feeds.SelectMany(feed => feed.Paths, (feed, path) => (feed.Stage, path)))
        {
            await path.Path.WaitUntilAsync(_ => path.Accepted([]).Contains(Updates), TimeSpan.FromSeconds(40));
            path.Accepted(await UnheardAsync(own, path.Path)).ShouldBe(Enumerable.Range(1, Updates), $"{path.Path.Url}, seed {seed}");
        }

        foreach (var (own, paths) in feeds)
        {
            foreach (var path in paths)
            {
                await own.UntilExpressAsync(path.Path, Updates);
            }
        }

        await LaneTests.NobodyLagsAsync(stage);
        stage.Hub.Logs.Lines.Where(line => line.Message.Contains("failed;", StringComparison.Ordinal)).ShouldBeEmpty();
        stage.Hub.Services.GetRequiredService<CompletionWriter>().IsBehind.ShouldBeFalse();
    }

    // On a busy machine an answer can take longer than the hub's timeout, so the same POST comes again. These POSTs are read from the hub's
    // attempts, because the callback cannot know them.
    private static async Task<HashSet<int>> UnheardAsync(Stage stage, CallbackPath path)
    {
        var attempts = await stage.Owner.AttemptsAsync((await stage.SeeAsync(path)).Id);
        return [.. attempts.Where(attempt => attempt.Status is null)
            .Select(attempt => int.Parse(attempt.From!, CultureInfo.InvariantCulture))];
    }

    /// <summary>A callback with a known script: which of its deliveries it accepts.</summary>
    private sealed class Scripted
    {
        private readonly List<bool> _accepts = [];

        public Scripted(CallbackPath path, Random random)
        {
            Path = path;
            var answers = new List<CallbackReply>();
            // Some callbacks always accept, some fail often, and all accept in the end.
            var sickness = random.Next(3) * 4;
            for (var i = 0; i < 30; i++)
            {
                var (answer, accepts) = random.Next(24) >= sickness ? (HttpStatusCode.NoContent, true) : random.Next(7) switch
                {
                    0 => ((CallbackReply)HttpStatusCode.InternalServerError, false),
                    1 => (HttpStatusCode.NotFound, false),
                    2 => (CallbackReply.Reset, false),
                    3 => (CallbackReply.After(TimeSpan.FromMilliseconds(random.Next(60, 150))), true),
                    4 => (CallbackReply.EndlessBody, true),
                    5 => (CallbackReply.Redirect("/"), false),
                    _ => (CallbackReply.Text(HttpStatusCode.BadGateway, new string('x', 100_000)), false),
                };
                answers.Add(answer);
                _accepts.Add(accepts);
            }

            path.Answers([.. answers, HttpStatusCode.OK]);
        }

        public CallbackPath Path { get; }

        /// <summary>
        /// Returns all accepted updates. After a refusal, the next delivery must begin with the same update; it may contain more.
        /// </summary>
        /// <param name="unheard">The first numbers of the POSTs whose answer did not reach the hub in time.</param>
        public IReadOnlyList<int> Accepted(HashSet<int> unheard)
        {
            var accepted = new List<int>();
            var refused = 0;
            var all = Path.Deliveries.Select(delivery => delivery.Numbers()).ToList();
            for (var index = 0; index < all.Count; index++)
            {
                var numbers = all[index];
                if (refused != 0)
                {
                    numbers[0].ShouldBe(refused);
                }

                var isRepeated = index + 1 < all.Count && all[index + 1][0] == numbers[0];
                var accepts = (index >= _accepts.Count || _accepts[index]) && !(isRepeated && unheard.Contains(numbers[0]));
                accepted.AddRange(accepts ? numbers : []);
                refused = accepts ? 0 : numbers[0];
            }

            return accepted;
        }
    }
}
