using System.Diagnostics;
using System.Text.Json;

namespace ActivityHub.Workers;

/// <summary>
/// The spans of this role. They name subscriptions, feeds and hosts, and never a URL with its query, a key or a secret. A callback gets no
/// trace header.
/// </summary>
internal static class WorkerSpans
{
    public static ActivitySource Source { get; } = new("ActivityHub.Workers");

    /// <summary>An enumeration's value as metrics and spans spell it.</summary>
    public static string Spelled<T>(T value)
        where T : struct, Enum => Spelling<T>.Of[value];

    private static class Spelling<T>
        where T : struct, Enum
    {
        public static readonly Dictionary<T, string> Of = Enum.GetValues<T>()
            .ToDictionary(value => value, value => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString()));
    }
}
