using Microsoft.Extensions.Logging;

namespace ActivityHub.TestKit;

/// <summary>One line that the hub logged, with the template's values by name, so that a leak beside the message is found as well.</summary>
public sealed record LogLine(
    LogLevel Level,
    string Category,
    EventId Event,
    string Message,
    Exception? Exception,
    IReadOnlyDictionary<string, string?> Values)
{
    /// <summary>Everything that a sink could print of this line.</summary>
    public override string ToString() =>
        $"{Level} {Category} [{Event.Id}] {Message} {string.Join(' ', Values.Values)} {Exception}".TrimEnd();
}
