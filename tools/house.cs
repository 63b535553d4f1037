// Reports figures of code quality: file sizes, long lines, cycles between folders, unclear words in comments, names to be replaced.
//
//   dotnet run tools/house.cs [root of a checkout]
//
// Counts the hand-written C# and Razor files of src; generated files, build output and migrations are left out.
using System.Globalization;
using System.Text.RegularExpressions;

var root = args.Length > 0 ? args[0] : Directory.GetCurrentDirectory();
var source = Path.Combine(root, "src");
if (!Directory.Exists(source))
{
    Console.Error.WriteLine($"There is no {source}: name the root of a checkout, or run it there.");
    return 1;
}

var files = Directory.EnumerateFiles(source, "*.*", SearchOption.AllDirectories)
    .Where(path => path.EndsWith(".cs", StringComparison.Ordinal) || path.EndsWith(".razor", StringComparison.Ordinal))
    .Where(path => !path.Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj" or "node_modules"))
    .Order(StringComparer.Ordinal)
    .Select(path => new SourceFile(Path.GetRelativePath(source, path), File.ReadAllLines(path)))
    .ToList();

var lengths = files.Select(file => file.Lines.Length).Order().ToList();
var longest = files.MaxBy(file => file.Lines.Length)!;
Row("files of src", files.Count);
Row("lines", lengths.Sum());
Row("lines a file: median, 90th of a hundred", $"{lengths[lengths.Count / 2]}, {lengths[lengths.Count * 9 / 10]}");
Row("longest file", $"{longest.Lines.Length} ({longest.Path})");
Row("files over 300 lines", files.Count(file => file.Lines.Length > 300));
Row("lines over 140 columns", files.Sum(file => file.Lines.Count(line => line.Length > 140)));

var comments = files.SelectMany(file => file.Comments.Select(line => (file, line))).ToList();
var words = comments.Sum(comment => House.Dialect().Count(comment.line));
Row("comment lines", comments.Count);
Row("dialect words in 1,000 comment lines", (1000.0 * words / comments.Count).ToString("0", CultureInfo.InvariantCulture));
foreach (var group in comments.GroupBy(comment => comment.file.Path)
    .Select(group => (Path: group.Key, Words: group.Sum(comment => House.Dialect().Count(comment.line))))
    .Where(group => group.Words > 0).OrderByDescending(group => group.Words).Take(20))
{
    Console.WriteLine($"    {group.Words,4}  {group.Path}");
}

var types = files.SelectMany(file => file.Types.Select(type => (type, file))).ToLookup(pair => pair.type, pair => pair.file);
var old = House.OldNames.Where(name => types.Contains(name)).ToList();
Row("types whose name is to go", $"{old.Count} of {House.OldNames.Length}{(old.Count is 0 or > 12 ? "" : ": " + string.Join(", ", old))}");

Row("circles of folders within a project", "");
foreach (var project in files.GroupBy(file => file.Project).OrderBy(group => group.Key, StringComparer.Ordinal))
{
    var arrows = House.ArrowsBetweenFolders([.. project]);
    foreach (var circle in House.Circles(arrows))
    {
        Console.WriteLine($"    {project.Key}: {string.Join(", ", circle)}");
    }
}

return 0;

static void Row(string what, object value) => Console.WriteLine($"{what,-42} {value}");

internal sealed record SourceFile(string Path, string[] Lines)
{
    public string Project => Path.Split('/', '\\')[0];

    /// <summary>The folder within its project, as in the namespace; empty for a file at the top and for registration files.</summary>
    public string Folder => Path.Split('/', '\\') is { Length: > 2 } parts && !Path.EndsWith("Registration.cs", StringComparison.Ordinal)
        ? string.Join('.', parts[1..^1])
        : "";

    /// <summary>Returns whether the types of a folder are visible here: the folder is imported, or this folder is inside it.</summary>
    public bool Sees(string folder) => Folder.StartsWith(folder + ".", StringComparison.Ordinal) ||
        Lines.Any(line => line.Length > 0 && line.TrimStart('@') == $"using ActivityHub.{Project}.{folder}{(line[0] == '@' ? "" : ";")}");

    public IEnumerable<string> Comments =>
        Lines.Select(line => line.TrimStart()).Where(line => line.StartsWith("//", StringComparison.Ordinal));

    public string Code { get; } = House.Comment().Replace(string.Join('\n', Lines), "");

    public IEnumerable<string> Types => House.Declaration().Matches(Code).Select(match => match.Groups[1].Value);
}

internal static partial class House
{
    /// <summary>Names that mislead, collide, or are metaphors: each should be replaced by a term of the field.</summary>
    public static readonly string[] OldNames =
    [
        "FanOut", "ClaimedMark", "MarkOffer", "FreshMarks", "MarkSleep", "Rider", "SubscriptionBook", "ReceiptBook", "SightingBook",
        "PeriodicBook", "ParkedBook", "RequestBook", "ConsentBook", "PlaceBook", "WebhookBook", "GuardedDoor", "InboxDoor", "MessageDoor",
        "MqttDoor", "OAuthDoor", "AnswerMail", "Follower", "FollowerClaims", "PlaceFollowing", "PlaceFollower", "CursorWish",
        "DeliveryWishes", "WishOutcome", "Wishing", "ViewWish", "GrantWish", "ErrorPages", "Problems", "FeedDocument", "FeedDocuments",
        "Document", "DeliveryDocuments", "FeedRows", "LogReads", "ExpressReads", "Gathered", "SubscriptionGate", "Passage", "Sighting",
        "Sight", "Stranger", "StrangerPace", "StrangerWaitsException", "CallbackAnswer", "NativeAnswer", "OverlandAnswer",
        "OwnTracksAnswer", "TraccarAnswer", "WebhookAnswer", "IngestAnswer", "DeviceAnswers", "SetupAnswers", "FeedAnswer", "GrantAnswer",
        "MessageAnswer", "NoticeAnswer", "ReceiptAnswer", "AttemptAnswer", "ParkedAnswer", "StatusAnswer", "SubscriptionAnswer",
        "ExpressParts", "CatchUpParts", "Parts", "Arrivals", "InboxBells", "TurnTakingApps", "TurnTakingTokens", "TurnTakingConsents",
        "WriteTurns", "Suspects", "Blur", "DataScreen", "AddressScreen", "HostLeftAlone", "SignInBrake", "LockOut", "QuietLogs", "Welcome",
        "MessageWay",
    ];

    // Words that replace a missing noun, and words that treat a role as a person.
    [GeneratedRegex(
        @"\b(whoever|nobody|somebody|anybody|everybody|told|tells|those (that|who)|what (is|was|comes|came)|of (which|whom)|he|him|his)\b",
        RegexOptions.IgnoreCase)]
    public static partial Regex Dialect();

    [GeneratedRegex(@"//[^\n]*|""(?:[^""\\\n]|\\.)*""")]
    public static partial Regex Comment();

    // Only at the beginning of a line: nested types are represented by the outer type.
    [GeneratedRegex(@"^[a-z][a-z ]*\b(?:class|struct|interface|enum|record(?: class| struct)?)\s+([A-Z]\w*)", RegexOptions.Multiline)]
    public static partial Regex Declaration();

    // Not after a point, where the name is a member.
    [GeneratedRegex(@"(?<![.\w])[A-Z]\w+\b")]
    public static partial Regex Name();

    /// <summary>
    /// Returns for each folder the other folders whose types it names. A name that several folders declare is ambiguous and is skipped.
    /// </summary>
    public static Dictionary<string, HashSet<string>> ArrowsBetweenFolders(IReadOnlyList<SourceFile> files)
    {
        var homes = files.Where(file => file.Folder.Length > 0)
            .SelectMany(file => file.Types.Select(type => (type, file.Folder)))
            .GroupBy(pair => pair.type, pair => pair.Folder)
            .Where(group => group.Distinct().Count() == 1)
            .ToDictionary(group => group.Key, group => group.First());
        var arrows = new Dictionary<string, HashSet<string>>(StringComparer.Ordinal);
        foreach (var file in files.Where(file => file.Folder.Length > 0))
        {
            foreach (var name in Name().Matches(file.Code).Select(match => match.Value).Distinct())
            {
                if (homes.TryGetValue(name, out var home) && home != file.Folder && file.Sees(home))
                {
                    (arrows.TryGetValue(file.Folder, out var known) ? known : arrows[file.Folder] = []).Add(home);
                }
            }
        }

        return arrows;
    }

    /// <summary>Returns the sets of folders in which each leads to each other one (the strongly connected components).</summary>
    public static IEnumerable<IReadOnlyList<string>> Circles(Dictionary<string, HashSet<string>> arrows)
    {
        var reach = arrows.Keys.ToDictionary(folder => folder, folder => Reached(folder, arrows));
        return reach.Keys.Select(folder => reach[folder].Where(other => reach.TryGetValue(other, out var back) && back.Contains(folder))
                .Append(folder).Distinct().Order(StringComparer.Ordinal).ToList())
            .Where(circle => circle.Count > 1)
            .DistinctBy(circle => string.Join('|', circle));
    }

    private static HashSet<string> Reached(string from, Dictionary<string, HashSet<string>> arrows)
    {
        var reached = new HashSet<string>(StringComparer.Ordinal);
        var waiting = new Stack<string>([from]);
        while (waiting.TryPop(out var folder))
        {
            foreach (var next in arrows.GetValueOrDefault(folder) ?? [])
            {
                if (reached.Add(next))
                {
                    waiting.Push(next);
                }
            }
        }

        return reached;
    }
}
