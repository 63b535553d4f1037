namespace ActivityHub.Ledger.Storage;

/// <summary>
/// Locks the folder of the embedded database against a second process. The operating system releases the lock when the process ends, also
/// after a crash.
/// </summary>
internal sealed class DirectoryLock : IDisposable
{
    private readonly FileStream _file;

    private DirectoryLock(FileStream file) => _file = file;

    public static DirectoryLock Take(string directory)
    {
        try
        {
            OwnerOnly.CreateFolder(directory);
            return new DirectoryLock(OwnerOnly.Open(Path.Combine(directory, "hub.lock"), FileShare.None));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            var full = Path.GetFullPath(directory);
            throw new LedgerUnavailableException(
                Directory.Exists(full) && exception is IOException
                    ? $"Another hub already uses the folder {full}. Stop it, or give this one a folder of its own with "
                        + "--Hub:DataDirectory, or set ConnectionStrings:Ledger to a PostgreSQL database that several may share."
                    : $"The folder {full} cannot be used: {exception.Message} Name another one with --Hub:DataDirectory.",
                exception);
        }
    }

    public void Dispose() => _file.Dispose();
}
