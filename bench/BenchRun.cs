using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using ActivityHub.Bench.Plans;
using ActivityHub.Bench.Reporting;
using ActivityHub.Bench.Running;
using ActivityHub.TestKit;

namespace ActivityHub.Bench;

/// <summary>Runs the requested benchmarks, one database after the other, and prints a table for each.</summary>
internal static class BenchRun
{
    public static async Task<int> RunAsync(CommandLine asked, CancellationToken stop)
    {
        var started = Stopwatch.GetTimestamp();
        Console.WriteLine(
            $"{Environment.ProcessorCount} processors, {RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}, "
            + $"{asked.Rounds} rounds: median (min to max)\n");
        var failed = 0;
        try
        {
            if (asked.Sqlite)
            {
                failed += await RunAsync(asked, new Session(Database.Sqlite, null, asked.Rounds, stop));
            }

            if (asked.Postgres && PostgresServer.SkipReason is { } reason)
            {
                Console.WriteLine($"*** POSTGRESQL WAS NOT MEASURED: {reason} ***");
            }
            else if (asked.Postgres)
            {
                // Durable, because the cost of a commit is half of the measured work.
                await using var server = await PostgresServer.StartOwnAsync(durable: true);
                var session = new Session(Database.Postgres, server, asked.Rounds, stop);
                failed += await RunAsync(asked, session);
                if (asked.Plans)
                {
                    failed += await RunAsync(PlansCommand.Name, session, () => PlansCommand.RunAsync(session));
                }
            }

            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Stopwatch.GetElapsedTime(started).TotalSeconds:0} s in all."));
            return failed == 0 ? 0 : 1;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            Console.Error.WriteLine("Stopped.");
            return 130;
        }
    }

    private static async Task<int> RunAsync(CommandLine asked, Session session)
    {
        var failed = 0;
        foreach (var benchmark in asked.Benchmarks)
        {
            failed += await RunAsync(benchmark.Name, session, async () =>
                Table.Write($"{benchmark.Title} — {session.DatabaseName}", benchmark.Method, await benchmark.RunAsync(session)));
        }

        return failed;
    }

    private static async Task<int> RunAsync(string name, Session session, Func<Task<string>> run)
    {
        var (failed, started) = (0, Stopwatch.GetTimestamp());
        try
        {
            Console.WriteLine(await run());
        }
#pragma warning disable CA1031 // What one benchmark found amiss does not keep the others from being run.
        catch (Exception exception) when (!session.Stop.IsCancellationRequested)
#pragma warning restore CA1031
        {
            failed = 1;
            Console.WriteLine($"*** {name} ON {session.DatabaseName} FAILED: {exception.Message} ***\n");
            Console.Error.WriteLine(exception);
        }

        Console.Error.WriteLine(
            string.Create(CultureInfo.InvariantCulture, $"({name}: {Stopwatch.GetElapsedTime(started).TotalSeconds:0} s)"));
        return failed;
    }
}
