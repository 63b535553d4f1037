using System.Diagnostics;

namespace ActivityHub.Ledger.Updates;

/// <summary>
/// A trace as it is stored with an update: the W3C <c>traceparent</c> of the POST that brought it. What becomes of the update later, in whatever
/// process, belongs to that trace.
/// </summary>
public static class StoredTrace
{
    /// <summary>Of a version 00 <c>traceparent</c>.</summary>
    public const int Length = 55;

    // As many as exporters keep, and a little less.
    private const int MaxLinks = 100;

    /// <summary>
    /// The trace of what runs just now, where it is recorded; else null, so that nothing is stored where nobody traces. A phone that sends a
    /// <c>traceparent</c> of its own does not count where nobody listens: the framework then notes it for its logs alone.
    /// </summary>
    public static string? OfCurrent() =>
        Activity.Current is { Recorded: true, IdFormat: ActivityIdFormat.W3C } activity && activity.Source.HasListeners()
            ? activity.Id
            : null;

    /// <summary>
    /// Begins a span of the first of these traces, with links to the others: what serves many at once belongs to each of them. Null where there is
    /// none, as where its sampling said no, or nobody listens.
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

    /// <summary>False where it is null or no trace.</summary>
    public static bool TryParse(string? trace, out ActivityContext context) =>
        ActivityContext.TryParse(trace, null, isRemote: true, out context);
}
