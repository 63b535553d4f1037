using System.Globalization;

namespace ActivityHub.TestKit;

/// <summary>An installed PostgreSQL: the folder with <c>initdb</c> and <c>postgres</c>, and how to run them as a permitted user.</summary>
internal sealed record PostgresBinaries(string Folder, string? RunAs)
{
    // Debian keeps the server out of PATH, in one folder per version.
    private const string DebianRoot = "/usr/lib/postgresql";

    private const string ServerUser = "postgres";

    public string InitDb => Path.Combine(Folder, "initdb");

    public string Server => Path.Combine(Folder, "postgres");

    /// <summary>Finds the binaries, or sets <paramref name="missing"/> to what must be installed.</summary>
    public static PostgresBinaries? Find(out string? missing)
    {
        missing = null;
        var folder = Candidates().FirstOrDefault(IsComplete);
        if (folder is null)
        {
            missing = "no PostgreSQL here: install it (Debian: apt-get install postgresql) or name a server in HUB_TEST_POSTGRES";
            return null;
        }

        // The server always refuses to run as root.
        if (!Environment.IsPrivilegedProcess)
        {
            return new PostgresBinaries(folder, RunAs: null);
        }

        var setpriv = InPath("setpriv");
        if (setpriv is null || !UserExists(ServerUser))
        {
            missing = $"PostgreSQL does not run as root, and there is no setpriv or no user '{ServerUser}' to run it as";
            return null;
        }

        return new PostgresBinaries(folder, setpriv);
    }

    /// <summary>Returns the command line of one of the binaries, with a change of user in front if one is needed.</summary>
    public string[] Command(string binary, params string[] arguments) => RunAs is null
        ? [binary, .. arguments]
        : [RunAs, $"--reuid={ServerUser}", $"--regid={ServerUser}", "--init-groups", binary, .. arguments];

    /// <summary>Returns the command that gives a folder to the server's user; null if this process already runs as that user.</summary>
    public string[]? HandOver(string folder) => RunAs is null ? null : ["chown", $"{ServerUser}:", folder];

    private static IEnumerable<string> Candidates()
    {
        if (Directory.Exists(DebianRoot))
        {
            var newestFirst = Directory.GetDirectories(DebianRoot)
                .OrderByDescending(
                    path => double.TryParse(Path.GetFileName(path), CultureInfo.InvariantCulture, out var version) ? version : 0);
            foreach (var version in newestFirst)
            {
                yield return Path.Combine(version, "bin");
            }
        }

        if (InPath("postgres") is { } server)
        {
            yield return Path.GetDirectoryName(File.ResolveLinkTarget(server, returnFinalTarget: true)?.FullName ?? server)!;
        }
    }

    private static bool IsComplete(string folder) =>
        File.Exists(Path.Combine(folder, "initdb")) && File.Exists(Path.Combine(folder, "postgres"));

    private static string? InPath(string name) => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .Select(folder => Path.Combine(folder, name))
        .FirstOrDefault(File.Exists);

    private static bool UserExists(string name) =>
        File.Exists("/etc/passwd") && File.ReadLines("/etc/passwd").Any(line => line.StartsWith(name + ":", StringComparison.Ordinal));
}
