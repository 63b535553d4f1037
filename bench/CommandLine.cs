using System.Globalization;
using ActivityHub.Bench.Benchmarks;
using ActivityHub.Bench.Plans;
using ActivityHub.Bench.Running;

namespace ActivityHub.Bench;

/// <summary>The benchmarks to run, on which databases, and in how many rounds; and whether plans are reported.</summary>
internal sealed record CommandLine(IReadOnlyList<Benchmark> Benchmarks, bool Plans, bool Postgres, bool Sqlite, int Rounds)
{
    private const string All = "all";

    private static readonly Benchmark[] Known =
    [
        FanOutBenchmark.Benchmark, IngestBenchmark.Benchmark, AppsBenchmark.Benchmark, ReadBenchmark.Benchmark, LatencyBenchmark.Benchmark,
        WidthBenchmark.Benchmark, FeedsBenchmark.Benchmark, IdleBenchmark.Benchmark, FairnessBenchmark.Benchmark, FloodsBenchmark.Benchmark,
    ];

    private static string Usage =>
        $"dotnet run -c Release --project bench "
        + $"-- {string.Join('|', Known.Select(benchmark => benchmark.Name))}|{All}|{PlansCommand.Name} [--postgres|--sqlite] [--rounds 5]";

    /// <summary>
    /// Reads the arguments. Returns null if they are invalid; <paramref name="fault"/> then says why and what to write instead.
    /// </summary>
    public static CommandLine? Read(string[] args, out string fault)
    {
        fault = "";
        var wanted = new List<Benchmark>();
        var (plans, postgres, sqlite, rounds) = (false, false, false, 5);
        for (var i = 0; i < args.Length; i++)
        {
            switch (args[i])
            {
                case All:
                    wanted.AddRange(Known);
                    break;
                case PlansCommand.Name:
                    plans = true;
                    break;
                case "--postgres":
                    postgres = true;
                    break;
                case "--sqlite":
                    sqlite = true;
                    break;
                case "--rounds" when i + 1 < args.Length && int.TryParse(args[i + 1], CultureInfo.InvariantCulture, out rounds) &&
                    rounds is > 0 and <= 100:
                    i++;
                    break;
                case var word when Known.FirstOrDefault(benchmark => benchmark.Name == word) is { } known:
                    wanted.Add(known);
                    break;
                default:
                    fault = $"\"{args[i]}\" is not understood here. Write: {Usage}";
                    return null;
            }
        }

        if (wanted.Count == 0 && !plans)
        {
            fault = $"Nothing is asked for. Write: {Usage}";
            return null;
        }

        if (plans && sqlite && !postgres)
        {
            fault = $"{PlansCommand.Name} reads the plans of PostgreSQL alone. Write: {PlansCommand.Name} --postgres";
            return null;
        }

        var both = postgres == sqlite;
        return new CommandLine(wanted, plans, postgres || both, (sqlite || both) && wanted.Count > 0, rounds);
    }
}
