using System.Reflection;
using Xunit;
using Xunit.Sdk;
using Xunit.v3;

namespace ActivityHub.TestKit;

/// <summary>
/// Runs a theory once on each database: <c>[Theory, BothDatabases] public async Task X(Database database)</c>. Without PostgreSQL, that
/// half is skipped with the reason; under <c>CI=true</c> it fails instead. All these theories together are the contract of a storage
/// engine: each row has the trait <c>EngineContract</c> with the engine's name.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class BothDatabasesAttribute : DataAttribute
{
    /// <inheritdoc />
    public override ValueTask<IReadOnlyCollection<ITheoryDataRow>> GetData(MethodInfo testMethod, DisposalTracker disposalTracker) =>
        ValueTask.FromResult<IReadOnlyCollection<ITheoryDataRow>>(
        [
            Row(Database.Sqlite, null),
            Row(Database.Postgres, PostgresServer.SkipReason),
        ]);

    /// <inheritdoc />
    public override bool SupportsDiscoveryEnumeration() => true;

    private static TheoryDataRow<Database> Row(Database database, string? skip)
    {
        var row = new TheoryDataRow<Database>(database) { Skip = skip };
        row.Traits["EngineContract"] = [database.ToString()];
        return row;
    }
}
