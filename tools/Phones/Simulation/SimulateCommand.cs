using ActivityHub.Phones.CommandLine;
using ActivityHub.Phones.Http;
using ActivityHub.Phones.Reporting;

namespace ActivityHub.Phones.Simulation;

/// <summary><c>simulate</c>: a fleet of phones that walk, ride, drain and charge.</summary>
internal static class SimulateCommand
{
    public static readonly Verb Verb = new(
        "simulate",
        "Lets a fleet of made-up phones push to a hub at a steady rate.",
        null,
        [
            new("--hub", "URL", "the hub's address"),
            new("--count", "N", "how many phones (default 10)"),
            new("--rate", "R", "updates a second over all phones (default 10)"),
            new("--seconds", "S", "stop after so long (default: at Ctrl+C)"),
            new("--updates", "K", "stop after so many"),
            new("--seed", "X", "the same seed makes the same fleet (default: a random one, which is told)"),
            new("--batch", "B", "at most so many updates a request (default 100)"),
            new("--connections", "C", "at most so many connections (default 64)"),
            .. Credentials.Options,
        ],
        RunAsync
    );

    private static async Task<int> RunAsync(Arguments arguments, CommandContext context)
    {
        var hub = arguments.Url("--hub");
        var count = arguments.Whole("--count", 10, 1, 100_000);
        var rate = arguments.Positive("--rate", 100_000) ?? 10;
        var seconds = arguments.Seconds("--seconds");
        var updates = arguments.OptionalWhole("--updates", 1, long.MaxValue);
        var seed = (ulong?)arguments.OptionalWhole("--seed", 0, long.MaxValue) ?? (ulong)Random.Shared.NextInt64();
        var batch = arguments.Whole("--batch", 100, 1, FeedWriter.LargestBatch);
        var connections = arguments.Whole("--connections", 64, 1, 10_000);
        var credentials = Credentials.From(arguments);
        WrongArgumentsException.ThrowIfAny(arguments);

        if (seconds is { } limit)
        {
            updates = Math.Min(updates ?? long.MaxValue, Math.Max(1, (long)(limit.TotalSeconds * rate)));
        }

        var tally = new Tally();
        using var http = HubConnection.Open(connections);
        var account = await HubAccount.OpenAsync(
            hub!,
            credentials,
            new RequestSender(http, RetryPolicy.Default, context.Time),
            context.Stop
        );
        context.Say($"seed {seed}: registering {count} phones at {hub}");
        var fleet = new Fleet(count, seed);
        var writers = await FleetRegistration.RegisterAsync(
            account,
            fleet,
            new RequestSender(http, RetryPolicy.Default, context.Time, tally.Latencies.Add),
            context.Stop
        );

        var began = context.Time.GetTimestamp();
        var (finish, ends) = context.Detach();
        using (ends)
        {
            // A hub that is too slow for the rate would make a run of S seconds longer, so the clock ends the run.
            using var over = CancellationTokenSource.CreateLinkedTokenSource(context.Stop);
            if (seconds is { } longest)
            {
                over.CancelAfter(longest + TimeSpan.FromSeconds(1));
            }

            var run = new FleetRun(fleet, writers, batch, tally, context.Time);
            await ProgressView.RunAsync(context, "simulate", updates, tally, () => run.RunAsync(rate, updates, over.Token, finish));
        }

        SummaryTable.Write(context.Console, tally, context.Time.GetElapsedTime(began));
        return tally.AllWell ? ExitCode.Done : ExitCode.Failed;
    }
}
