using ActivityHub.TestKit;
using Xunit;

namespace ActivityHub.Chaos.Fleet;

/// <summary>One cluster for all scenarios that disturb it: starting five processes takes longer than most scenarios.</summary>
public sealed class SharedCluster : IAsyncDisposable
{
    private Cluster? _cluster;

    /// <summary>Returns the cluster, repaired after the previous scenario. Skips the test if there is no PostgreSQL.</summary>
    internal async Task<Cluster> WholeAsync()
    {
        Assert.SkipWhen(PostgresServer.SkipReason is not null, PostgresServer.SkipReason ?? "");
        if (_cluster is null)
        {
            _cluster = await Cluster.StartAsync();
        }
        else
        {
            await _cluster.MendAsync();
        }

        return _cluster;
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (_cluster is not null)
        {
            await _cluster.DisposeAsync();
        }
    }
}

/// <summary>Runs the scenarios of the shared cluster one after the other.</summary>
[CollectionDefinition(Name)]
public sealed class OnOneCluster : ICollectionFixture<SharedCluster>
{
    /// <summary>The collection name that the member classes use.</summary>
    public const string Name = "on one cluster";
}
