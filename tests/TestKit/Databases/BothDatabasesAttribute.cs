using System.Reflection;
using Xunit;
using Xunit.Sdk;
using Xunit.v3;

namespace ActivityHub.TestKit;

/// <summary>
/// Runs a theory once on each database: <c>[Theory, BothDatabases] public async Task X(Database database)</c>.
/// Where there is no PostgreSQL its half is skipped with the reason; under <c>CI=true</c> it fails instead.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class BothDatabasesAttribute : DataAttribute
{
    /// <inheritdoc />
    public override ValueTask<IReadOnlyCollection<ITheoryDataRow>> GetData(MethodInfo testMethod, DisposalTracker disposalTracker) =>
        ValueTask.FromResult<IReadOnlyCollection<ITheoryDataRow>>(
        [
            new TheoryDataRow<Database>(Database.Sqlite),
            new TheoryDataRow<Database>(Database.Postgres) { Skip = PostgresServer.SkipReason },
        ]);

    /// <inheritdoc />
    public override bool SupportsDiscoveryEnumeration() => true;
}
