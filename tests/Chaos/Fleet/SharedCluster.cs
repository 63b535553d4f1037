using ActivityHub.TestKit;
using Xunit;

namespace ActivityHub.Chaos.Fleet;

/// <summary>One cluster for all scenarios that break it: starting five processes takes longer than most of them.</summary>
public sealed class SharedCluster : IAsyncDisposable
{
    private Cluster? _cluster;

    /// <summary>Whole again, whatever the scenario before has left of it. Skips the test where there is no PostgreSQL.</summary>
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

/// <summary>The scenarios of one cluster, one after the other.</summary>
[CollectionDefinition(Name)]
public sealed class OnOneCluster : ICollectionFixture<SharedCluster>
{
    /// <summary>What its members name.</summary>
    public const string Name = "on one cluster";
}
