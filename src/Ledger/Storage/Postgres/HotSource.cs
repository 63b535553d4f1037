using Npgsql;

namespace ActivityHub.Ledger.Storage.Postgres;

/// <summary>
/// The connections of the hot statements. Each statement must find its rows by key. A statement that is prepared while a table is empty
/// would be planned as a full scan, and would keep that plan while the table grows. So the plans that can scan are disabled for these
/// connections; <see cref="LogStatistics"/> makes PostgreSQL choose the right index. JIT is off too: disabled plans raise the estimated
/// cost, so PostgreSQL would compile a statement of one millisecond for half a second.
/// </summary>
internal sealed class HotSource(NpgsqlConnectionStringBuilder settings) : IAsyncDisposable, IDisposable
{
    private const string ByKeyAlone = "-c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off -c jit=off";

    public NpgsqlDataSource Source { get; } = new NpgsqlDataSourceBuilder(
        new NpgsqlConnectionStringBuilder(settings.ToString())
        {
            Options = $"{settings.Options} {ByKeyAlone}".Trim(),
            // These statements do not change the session. A DISCARD ALL at each return to the pool would be one statement in four.
            NoResetOnClose = true,
        }.ToString())
    {
        Name = "hot",
    }.Build();

    public void Dispose() => Source.Dispose();

    public ValueTask DisposeAsync() => Source.DisposeAsync();
}
