using Hangfire.PostgreSql;
using Npgsql;

namespace ActivityHub.Workers.Chores;

/// <summary>
/// Hangfire's connections, from a pool with a name. Without one the pool is named in the metrics by its connection string: the password is
/// left out, the server and the user are not.
/// </summary>
internal sealed class ChoreConnections(string connectionString) : IConnectionFactory, IDisposable
{
    private readonly NpgsqlDataSource _source = new NpgsqlDataSourceBuilder(connectionString) { Name = "chores" }.Build();

    public NpgsqlConnection GetOrCreateConnection() => _source.CreateConnection();

    public void Dispose() => _source.Dispose();
}
