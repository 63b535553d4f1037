using System.Diagnostics;

namespace ActivityHub.Ledger.Updates;

/// <summary>
/// A trace as stored with an update: the W3C <c>traceparent</c> of the POST with the update. Later work on the update, in any process,
/// belongs to that trace.
/// </summary>
public static class StoredTrace
{
    /// <summary>The length of a <c>traceparent</c> of version 00.</summary>
    public const int Length = 55;

    // Slightly below the number of links that exporters keep.
    private const int MaxLinks = 100;

    /// <summary>
    /// Returns the current trace if it is recorded; otherwise null, so that nothing is stored without tracing. A <c>traceparent</c> from a
    /// phone does not count if the source has no listener: the framework then uses it only for its logs.
    /// </summary>
    public static string? OfCurrent() =>
        Activity.Current is { Recorded: true, IdFormat: ActivityIdFormat.W3C } activity && activity.Source.HasListeners()
            ? activity.Id
            : null;

    /// <summary>
    /// Begins a span in the first of these traces, with links to the others, because one operation for many requests belongs to each of
    /// their traces. Returns null if there is no trace, if sampling excludes the span, or if the source has no listener.
    /// </summary>
    public static Activity? StartSpan(this ActivitySource source, string name, ActivityKind kind, IEnumerable<string?> traces)
    {
        if (!source.HasListeners())
        {
            return null;
        }

        ActivityContext? first = null;
        List<ActivityLink>? links = null;
        foreach (var trace in traces.Distinct())
        {
            if (!TryParse(trace, out var context))
            {
                continue;
            }

            if (first is null)
            {
                first = context;
            }
            else if ((links ??= []).Count < MaxLinks)
            {
                links.Add(new ActivityLink(context));
            }
        }

        return first is { } parent ? source.StartActivity(name, kind, parent, links: links) : null;
    }

    /// <summary>Parses a stored trace; returns false if it is null or invalid.</summary>
    public static bool TryParse(string? trace, out ActivityContext context) =>
        ActivityContext.TryParse(trace, null, isRemote: true, out context);
}
