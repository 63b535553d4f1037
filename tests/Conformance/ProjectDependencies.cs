using System.Xml.Linq;

namespace ActivityHub.Conformance;

/// <summary>The allowed references between the projects of the repository.</summary>
internal static class ProjectDependencies
{
    /// <summary>The projects to which each may refer, by assembly name without <c>ActivityHub.</c>.</summary>
    public static IReadOnlyDictionary<string, string[]> Allowed { get; } = new Dictionary<string, string[]>
    {
        ["Ledger"] = [],
        ["Syndication"] = ["Ledger"],
        ["Web"] = ["Ledger"],
        // It finds the other projects' sources and meters by name and references none of them.
        ["Telemetry"] = [],
        ["FeedApi"] = ["Web", "Syndication", "Ledger", "Telemetry"],
        ["Workers"] = ["Syndication", "Ledger", "Telemetry"],
        ["Migrations.Postgres"] = ["Ledger"],
        ["Migrations.Sqlite"] = ["Ledger"],
        ["Hub"] = ["Web", "FeedApi", "Workers", "Migrations.Postgres", "Migrations.Sqlite", "Ledger", "Telemetry"],
        // A simulated fleet for any hub: it uses only HTTP.
        ["Phones"] = [],
    };

    /// <summary>Returns the references of a project that are not allowed.</summary>
    public static IReadOnlyList<string> Forbidden(string project, IEnumerable<string> references) =>
        [.. references.Where(other => other != project && !Allowed[project].Contains(other))];

    /// <summary>Returns the project files of the product and its tools, by name.</summary>
    public static IReadOnlyDictionary<string, string> Projects() => new[] { "src", "migrations", "tools" }
        .SelectMany(folder => Directory.GetFiles(Path.Combine(Repository.Root, folder), "*.csproj", SearchOption.AllDirectories))
        .ToDictionary(NameOf);

    /// <summary>Returns the names of the projects to which a project file refers.</summary>
    public static IReadOnlyList<string> ReferencesOf(string project) =>
    [
        .. XDocument.Load(project).Descendants("ProjectReference")
            .Select(reference => ((string)reference.Attribute("Include")!).Replace('\\', Path.DirectorySeparatorChar))
            .Select(include => NameOf(Path.GetFullPath(include, Path.GetDirectoryName(project)!))),
    ];

    private static string NameOf(string project) =>
        (project.StartsWith(Path.Combine(Repository.Root, "migrations"), StringComparison.Ordinal) ? "Migrations." : "")
            + Path.GetFileNameWithoutExtension(project);
}
