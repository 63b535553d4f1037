using ActivityHub.Bench.Reporting;
using ActivityHub.TestKit;

namespace ActivityHub.Bench.Running;

/// <summary>One pass of the bench over one database.</summary>
internal sealed record Session(Database Database, PostgresServer? Server, int Rounds, CancellationToken Stop)
{
    /// <summary>The duration of one side of one round, in seconds.</summary>
    public const double RoundSeconds = 1;

    /// <summary>The number of passes before the first that counts: the JIT compiler recompiles hot code late.</summary>
    public int WarmUps { get; init; } = 2;

    public string DatabaseName => Database == Database.Postgres ? "PostgreSQL" : "SQLite";

    /// <summary>
    /// Runs the sides in turn, round after round, so that other load on the machine affects all of them; the first passes only warm up.
    /// </summary>
    /// <param name="stand">The stand with the hub that is measured meanwhile.</param>
    /// <param name="sides">The sides; each call does one round.</param>
    public Task<Side[]> AlternateAsync(Stand stand, params Func<Task<Round>>[] sides) =>
        AlternateAsync(stand, () => Environment.CpuUsage.TotalTime, sides);

    /// <inheritdoc cref="AlternateAsync(Stand, Func{Task{Round}}[])"/>
    /// <param name="yardstickCpu">Processor time of the process that does the yardstick's work; this process's unless given.</param>
    public async Task<Side[]> AlternateAsync(Stand stand, Func<TimeSpan> yardstickCpu, Func<Task<Round>>[] sides)
    {
        var rounds = sides.Select(_ => new List<Round>()).ToArray();
        var used = sides.Select(_ => Usage.None).ToArray();
        foreach (var side in Enumerable.Repeat(sides, WarmUps).SelectMany(side => side))
        {
            Stop.ThrowIfCancellationRequested();
            await side();
        }

        for (var number = 0; number < Rounds; number++)
        {
            for (var i = 0; i < sides.Length; i++)
            {
                Stop.ThrowIfCancellationRequested();
                var before = Usage.Of(stand, yardstickCpu);
                rounds[i].Add(await sides[i]());
                used[i] += Usage.Of(stand, yardstickCpu) - before;
            }
        }

        var peak = stand.Hub.Usage.Peak;
        return [.. rounds.Select((done, i) => new Side(FiguresOf(done), used[i].Spent(peak, done.Sum(round => round.Count))))];
    }

    private static Figure[] FiguresOf(List<Round> rounds) =>
        [.. rounds[0].Figures.Select((_, figure) => Figure.Of(rounds.Select(round => round.Figures[figure])))];

    private readonly record struct Usage(TimeSpan Hub, TimeSpan? Server, TimeSpan Yardstick)
    {
        public static readonly Usage None = new(TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero);

        public static Usage Of(Stand stand, Func<TimeSpan> yardstick) => new(stand.Hub.Usage.Cpu, stand.Server?.ProcessorTime, yardstick());

        public static Usage operator +(Usage one, Usage other) =>
            new(one.Hub + other.Hub, one.Server + other.Server, one.Yardstick + other.Yardstick);

        public static Usage operator -(Usage one, Usage other) =>
            new(one.Hub - other.Hub, one.Server - other.Server, one.Yardstick - other.Yardstick);

        public Spent Spent(long? peak, long count) => new(Hub, Server, Yardstick, peak, count);
    }
}
