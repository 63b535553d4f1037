using System.Runtime.CompilerServices;
using System.Xml.Linq;

namespace ActivityHub.Conformance;

/// <summary>The rooms of the house and the arrows that may run between them: who may know whom, and nobody else.</summary>
internal static class Rooms
{
    /// <summary>By assembly name without its <c>ActivityHub.</c>.</summary>
    public static IReadOnlyDictionary<string, string[]> Arrows { get; } = new Dictionary<string, string[]>
    {
        ["Ledger"] = [],
        ["Syndication"] = ["Ledger"],
        ["Web"] = ["Ledger"],
        // What it shows, the others tell by the names of their sources and meters: it knows none of them.
        ["Telemetry"] = [],
        ["FeedApi"] = ["Web", "Syndication", "Ledger", "Telemetry"],
        ["Workers"] = ["Syndication", "Ledger", "Telemetry"],
        ["Migrations.Postgres"] = ["Ledger"],
        ["Migrations.Sqlite"] = ["Ledger"],
        ["Hub"] = ["Web", "FeedApi", "Workers", "Migrations.Postgres", "Migrations.Sqlite", "Ledger", "Telemetry"],
        // A fleet for any hub over HTTP knows nothing of ours.
        ["Phones"] = [],
    };

    public static string Root { get; } = FindRoot();

    /// <summary>Of the rooms that one knows, those that it must not.</summary>
    public static IReadOnlyList<string> Trespasses(string room, IEnumerable<string> knows) =>
        [.. knows.Where(other => other != room && !Arrows[room].Contains(other))];

    /// <summary>The project files of the product and its tools, by room.</summary>
    public static IReadOnlyDictionary<string, string> Projects() => new[] { "src", "migrations", "tools" }
        .SelectMany(folder => Directory.GetFiles(Path.Combine(Root, folder), "*.csproj", SearchOption.AllDirectories))
        .ToDictionary(RoomOf);

    /// <summary>The rooms that a project file refers to.</summary>
    public static IReadOnlyList<string> ReferencesOf(string project) =>
    [
        .. XDocument.Load(project).Descendants("ProjectReference")
            .Select(reference => ((string)reference.Attribute("Include")!).Replace('\\', Path.DirectorySeparatorChar))
            .Select(include => RoomOf(Path.GetFullPath(include, Path.GetDirectoryName(project)!))),
    ];

    private static string RoomOf(string project) =>
        (project.StartsWith(Path.Combine(Root, "migrations"), StringComparison.Ordinal) ? "Migrations." : "")
            + Path.GetFileNameWithoutExtension(project);

    private static string FindRoot([CallerFilePath] string here = "")
    {
        // The output folder lies inside the repository; the path of this source is the second guess, for outputs put elsewhere.
        foreach (var start in new[] { AppContext.BaseDirectory, Path.GetDirectoryName(here)! })
        {
            for (var folder = new DirectoryInfo(start); folder is not null; folder = folder.Parent)
            {
                if (File.Exists(Path.Combine(folder.FullName, "Hub.sln")))
                {
                    return folder.FullName;
                }
            }
        }

        throw new InvalidOperationException("Hub.sln is in no folder above the tests.");
    }
}
