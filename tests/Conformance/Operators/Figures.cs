using System.Text.RegularExpressions;

namespace ActivityHub.Conformance.Operators;

/// <summary>Names of metrics in the form of Prometheus.</summary>
internal static partial class Figures
{
    /// <summary>Returns the metrics named in a text; a histogram counts by its base name.</summary>
    public static IReadOnlySet<string> NamedIn(string text) => Named().Matches(text).Select(match => Plain(match.Value)).ToHashSet();

    /// <summary>Returns the metrics that scraped processes reported.</summary>
    public static IReadOnlySet<string> ToldBy(string scraped) =>
        Typed().Matches(scraped).Select(match => match.Groups[1].Value).ToHashSet();

    private static string Plain(string name) => Series().Replace(name, "");

    [GeneratedRegex(@"\b(?:hub|http_server|dotnet|kestrel|db_client)_[a-z0-9_]+")]
    private static partial Regex Named();

    [GeneratedRegex(@"^# TYPE (\S+) ", RegexOptions.Multiline)]
    private static partial Regex Typed();

    [GeneratedRegex("_(?:bucket|sum|count)$")]
    private static partial Regex Series();
}
