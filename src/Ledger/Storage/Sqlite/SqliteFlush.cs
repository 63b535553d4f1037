namespace ActivityHub.Ledger.Storage.Sqlite;

/// <summary>
/// Syncs the write-ahead log a moment after the hub has noted something for itself: design §3 lets at most the last 50 ms of accepted deliveries
/// repeat after a crash. One sync covers all that was committed before it.
/// </summary>
/// <param name="file">The log's.</param>
internal sealed class SqliteFlush(string file) : IDisposable
{
    private static readonly TimeSpan After = TimeSpan.FromMilliseconds(40);

    private readonly Lock _lock = new();
    private FileStream? _log;
    private int _wanted;
    private bool _closed;

    /// <summary>Returns at once.</summary>
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
                // Held open: any handle of the file syncs all of it.
                if (!_closed)
                {
                    _log ??= new FileStream(
                        file, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
                    RandomAccess.FlushToDisk(_log.SafeFileHandle);
                }
            }
            catch (IOException)
            {
                // A disk that is full or sick: the next commit that is promised to somebody says so to them.
                _log?.Dispose();
                _log = null;
            }
        }
    }
}
