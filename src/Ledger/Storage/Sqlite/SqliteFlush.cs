namespace ActivityHub.Ledger.Storage.Sqlite;

/// <summary>
/// Syncs the write-ahead log shortly after a commit of the hub's own records. The rules of delivery (docs/architecture.md) allow that after
/// a crash the deliveries that were accepted in the last 50 ms are repeated. One sync covers all commits before it.
/// </summary>
/// <param name="file">The path of the write-ahead log.</param>
internal sealed class SqliteFlush(string file) : IDisposable
{
    private static readonly TimeSpan After = TimeSpan.FromMilliseconds(40);

    private readonly Lock _lock = new();
    private FileStream? _log;
    private int _wanted;
    private bool _closed;

    /// <summary>Starts a sync after 40 ms, unless one is already pending. Returns at once.</summary>
    public void Soon()
    {
        if (Interlocked.Exchange(ref _wanted, 1) == 0)
        {
            _ = FlushAsync();
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _closed = true;
            _log?.Dispose();
        }
    }

    private async Task FlushAsync()
    {
        await Task.Delay(After, TimeProvider.System);
        Volatile.Write(ref _wanted, 0);
        lock (_lock)
        {
            try
            {
                // The file stays open: a sync through any handle covers the whole file.
                if (!_closed)
                {
                    _log ??= new FileStream(
                        file, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
                    RandomAccess.FlushToDisk(_log.SafeFileHandle);
                }
            }
            catch (IOException)
            {
                // The disk is full or faulty. The next synced commit fails too, and its caller gets the error.
                _log?.Dispose();
                _log = null;
            }
        }
    }
}
