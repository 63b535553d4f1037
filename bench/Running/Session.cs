using ActivityHub.Bench.Reporting;
using ActivityHub.TestKit;

namespace ActivityHub.Bench.Running;

/// <summary>One pass of the bench over one database.</summary>
internal sealed record Session(Database Database, PostgresServer? Server, int Rounds, CancellationToken Stop)
{
    /// <summary>How long one side of one round takes, in seconds.</summary>
    public const double RoundSeconds = 1;

    // The compiler's second thoughts come late.
    private const int WarmUps = 2;

    public string DatabaseName => Database == Database.Postgres ? "PostgreSQL" : "SQLite";

    /// <summary>
    /// Runs the sides in turn, round after round, so that whatever the machine does beside hits all of them; the first passes only warm up.
    /// </summary>
    /// <param name="stand">Whose hub is looked at meanwhile; null = none.</param>
    /// <param name="sides">Each returns its figures of one round.</param>
    public async Task<Side[]> AlternateAsync(Stand? stand, params Func<Task<double[]>>[] sides)
    {
        var rounds = sides.Select(_ => new List<double[]>()).ToArray();
        var used = sides.Select(_ => Usage.None).ToArray();
        foreach (var side in Enumerable.Repeat(sides, WarmUps).SelectMany(side => side))
        {
            await side();
        }

        for (var round = 0; round < Rounds; round++)
        {
            for (var i = 0; i < sides.Length; i++)
            {
                Stop.ThrowIfCancellationRequested();
                var before = Usage.Of(stand);
                rounds[i].Add(await sides[i]());
                used[i] += Usage.Of(stand) - before;
            }
        }

        var peak = stand?.Hub.Usage.Peak;
        return [.. rounds.Select((figures, i) => new Side(
            [.. Enumerable.Range(0, figures[0].Length).Select(figure => Figure.Of(figures.Select(round => round[figure])))],
            stand is null ? Spent.Nothing : new Spent(used[i].Hub, used[i].Server, peak)))];
    }

    private readonly record struct Usage(TimeSpan Hub, TimeSpan? Server)
    {
        public static readonly Usage None = new(TimeSpan.Zero, TimeSpan.Zero);

        public static Usage Of(Stand? stand) => stand is null ? None : new Usage(stand.Hub.Usage.Cpu, stand.Server?.ProcessorTime);

        public static Usage operator +(Usage one, Usage other) => new(one.Hub + other.Hub, one.Server + other.Server);

        public static Usage operator -(Usage one, Usage other) => new(one.Hub - other.Hub, one.Server - other.Server);
    }
}
