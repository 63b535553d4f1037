using Npgsql;

namespace ActivityHub.Ledger.Storage.Postgres;

/// <summary>
/// The connections of the hot statements. Each of them finds its rows by key, and must go on doing so: a statement that is prepared while a
/// table is empty would be planned as a scan of all of it, and keep that plan while the table grows. So the plans that could scan are switched
/// off for these connections; which index is taken is seen to by <see cref="LogStatistics"/>. What is switched off counts in a plan's estimated cost, so
/// that PostgreSQL would compile a statement of a millisecond for half a second: compiling is off as well.
/// </summary>
internal sealed class HotSource(NpgsqlConnectionStringBuilder settings) : IAsyncDisposable, IDisposable
{
    private const string ByKeyAlone = "-c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off -c jit=off";

    public NpgsqlDataSource Source { get; } = new NpgsqlDataSourceBuilder(
        new NpgsqlConnectionStringBuilder(settings.ToString())
        {
            Options = $"{settings.Options} {ByKeyAlone}".Trim(),
            // Nothing here changes a session: DISCARD ALL at each return to the pool would be one statement in four.
            NoResetOnClose = true,
        }.ToString())
    {
        Name = "hot",
    }.Build();

    public void Dispose() => Source.Dispose();

    public ValueTask DisposeAsync() => Source.DisposeAsync();
}
