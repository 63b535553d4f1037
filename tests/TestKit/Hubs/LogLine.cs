using Microsoft.Extensions.Logging;

namespace ActivityHub.TestKit;

/// <summary>One log line of the hub, with the template's values by name, so that a secret in a value is found too.</summary>
public sealed record LogLine(
    LogLevel Level,
    string Category,
    EventId Event,
    string Message,
    Exception? Exception,
    IReadOnlyDictionary<string, string?> Values)
{
    /// <summary>All text of this line that a log sink could print.</summary>
    public override string ToString() =>
        $"{Level} {Category} [{Event.Id}] {Message} {string.Join(' ', Values.Values)} {Exception}".TrimEnd();
}
