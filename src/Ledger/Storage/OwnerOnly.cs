namespace ActivityHub.Ledger.Storage;

/// <summary>
/// Creates the folder and the files of the embedded database so that only the user of the process has access: they contain places, the root
/// key and, without a key file, the key ring.
/// </summary>
public static class OwnerOnly
{
    private const UnixFileMode OfFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OfFolder = OfFile | UnixFileMode.UserExecute;
    private const UnixFileMode OfOthers =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherWrite |
            UnixFileMode.OtherExecute;

    /// <summary>Creates the folder with mode 0700. An existing folder keeps its mode.</summary>
    public static void CreateFolder(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, OfFolder);
        }
    }

    /// <summary>
    /// Opens a file for writing; a new file gets mode 0600. SQLite gives the files beside a database the mode of the database.
    /// </summary>
    public static FileStream Open(string path, FileShare share)
    {
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = share };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OfFile;
        }

        return new FileStream(path, options);
    }

    /// <summary>
    /// Returns the mode, in octal, of a file or folder that other users can access; null if they cannot, or if it does not exist.
    /// </summary>
    public static string? WiderMode(string path) =>
        OperatingSystem.IsWindows() || !Path.Exists(path) ? null
        : File.GetUnixFileMode(path) is var mode && (mode & OfOthers) == 0 ? null
        : "0" + Convert.ToString((int)mode, 8);
}
