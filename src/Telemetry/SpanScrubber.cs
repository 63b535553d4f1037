using System.Diagnostics;
using OpenTelemetry;

namespace ActivityHub.Telemetry;

/// <summary>
/// Removes the tags of a span that may contain a key before it is exported. A key may be in the query, and in a path as well
/// (<c>/i/{ingestKey}</c>): the route's template is enough.
/// </summary>
internal sealed class SpanScrubber : BaseProcessor<Activity>
{
    private static readonly string[] Telling = ["url.path", "url.query", "url.full", "http.target", "http.url"];

    public override void OnEnd(Activity data)
    {
        foreach (var name in Telling)
        {
            if (data.GetTagItem(name) is not null)
            {
                data.SetTag(name, null);
            }
        }
    }
}
