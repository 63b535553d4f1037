using System.Collections.Concurrent;

namespace ActivityHub.Bench.Load;

/// <summary>The open, unused connections to one server.</summary>
internal sealed class ConnectionPool(Uri server) : IDisposable
{
    private readonly ConcurrentBag<RawConnection> _free = [];

    public Uri Server => server;

    /// <summary>Lends a connection for one piece of work; a connection that failed is not used again.</summary>
    public async Task<T> UseAsync<T>(Func<RawConnection, Task<T>> work)
    {
        var connection = _free.TryTake(out var free) ? free : await RawConnection.OpenAsync(server);
        T result;
        try
        {
            result = await work(connection);
        }
        catch
        {
            connection.Dispose();
            throw;
        }

        _free.Add(connection);
        return result;
    }

    public void Dispose()
    {
        while (_free.TryTake(out var connection))
        {
            connection.Dispose();
        }
    }
}
