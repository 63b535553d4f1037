namespace ActivityHub.Ledger.Storage;

/// <summary>
/// Makes the folder and the files of the embedded database for the user alone as whom the process runs: they hold places, the root key and, without a key
/// file, the key ring.
/// </summary>
public static class OwnerOnly
{
    private const UnixFileMode OfFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OfFolder = OfFile | UnixFileMode.UserExecute;
    private const UnixFileMode OfOthers =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherWrite |
            UnixFileMode.OtherExecute;

    /// <summary>Makes the folder with mode 0700. One that exists stays as it is.</summary>
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

    /// <summary>Opens a file to write, with mode 0600 where it makes it. SQLite gives the files beside a database the mode of the database.</summary>
    public static FileStream Open(string path, FileShare share)
    {
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = share };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OfFile;
        }

        return new FileStream(path, options);
    }

    /// <summary>The mode of a file or folder that other users may use, in octal; null where none may, or there is no such thing.</summary>
    public static string? WiderMode(string path) =>
        OperatingSystem.IsWindows() || !Path.Exists(path) ? null
        : File.GetUnixFileMode(path) is var mode && (mode & OfOthers) == 0 ? null
        : "0" + Convert.ToString((int)mode, 8);
}
