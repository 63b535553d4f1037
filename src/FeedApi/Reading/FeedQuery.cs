using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Ledger.Updates;
using ActivityHub.Syndication;
using ActivityHub.Web;

namespace ActivityHub.FeedApi.Reading;

/// <summary>What a reader's address asks of a feed, apart from the feed itself.</summary>
internal sealed record FeedQuery
{
    public const int DefaultLimit = 50;
    public const int MaxLimit = 200;

    /// <summary>The key in the address; null where it has none.</summary>
    public string? Key { get; private init; }

    /// <summary>Sorted and separated by commas; null = all.</summary>
    public string? Kinds { get; private init; }

    public int Limit { get; private init; } = DefaultLimit;

    /// <summary>A position; which update it stands for is for the caller's grant to say.</summary>
    public string? Before { get; private init; }

    public string? After { get; private init; }

    /// <summary>What <c>Last-Event-ID</c> says, of a reader that cannot send headers; a position, if it is one.</summary>
    public string? LastEventId { get; private init; }

    /// <summary>The id of a grant by whose eyes the owner wants to see; null = the caller's own.</summary>
    public string? Grant { get; private init; }

    /// <summary>The name of a JSONP function.</summary>
    public string? Callback { get; private init; }

    /// <summary>Of a feed's document: every parameter but <c>callback</c>, which only the format js has.</summary>
    public static Parameters ParametersOf(FeedFormat format) =>
        format == FeedFormat.Js ? Parameters.OfDocument | Parameters.Callback : Parameters.OfDocument;

    public static bool TryRead(
        IQueryCollection query, FeedFormat format, [NotNullWhen(true)] out FeedQuery? result, [NotNullWhen(false)] out Problem? problem) =>
        TryRead(query, ParametersOf(format), out result, out problem);

    public static bool TryRead(
        IQueryCollection query, Parameters known, [NotNullWhen(true)] out FeedQuery? result, [NotNullWhen(false)] out Problem? problem)
    {
        var faults = new FaultList();
        var read = new FeedQuery();
        foreach (var (name, values) in query)
        {
            // jQuery adds it to every JSONP request, so that no cache answers.
            if (name == "_")
            {
                continue;
            }

            var parameter = Parse(name);
            if ((parameter & known) == 0)
            {
                faults.Add(null, Clip(name), $"This parameter is not known here; known are {Names(known)}.");
            }
            else if (parameter is not (Parameters.Kind or Parameters.LastEventId) && values.Count > 1)
            {
                faults.Add(null, name, "It is given more than once; give it once.");
            }
            else
            {
                read = read.With(parameter, values, faults);
            }
        }

        if (read.Before is not null && read.After is not null)
        {
            faults.Add(null, "before", "before and after exclude one another; give one of them.");
        }

        result = faults.Count == 0 ? read : null;
        problem = faults.Count == 0 ? null : Problem.BadQuery(faults);
        return result is not null;
    }

    private FeedQuery With(Parameters parameter, Microsoft.Extensions.Primitives.StringValues values, FaultList faults)
    {
        var value = values.ToString();
        switch (parameter)
        {
            case Parameters.Key:
                // An empty one is none, as in a topic.
                return this with { Key = value.Length == 0 ? null : value };
            case Parameters.Kind:
                if (!Topic.TryReadKinds(values, out var kinds))
                {
                    faults.Add(
                        null, "kind", "A kind has 1 to 32 characters of a-z 0-9 . _ - and there are at most 50; separate them by commas.");
                }

                return this with { Kinds = kinds };
            case Parameters.Limit:
                if (!int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) || limit is < 1 or > MaxLimit)
                {
                    faults.Add(null, "limit", $"\"{Clip(value)}\" is out of range; send a number from 1 to {MaxLimit}.");
                }

                return this with { Limit = limit };
            case Parameters.Before:
                return this with { Before = value };
            case Parameters.After:
                return this with { After = value };
            case Parameters.Grant:
                return this with { Grant = value };
            case Parameters.LastEventId:
                return this with { LastEventId = values[^1] };
            default:
                if (!JsonpCallback.IsValid(value))
                {
                    faults.Add(
                        null, "callback",
                        $"A callback has 1 to {JsonpCallback.MaxLength} characters of A-Z a-z 0-9 _ $ and does not begin with a digit.");
                }

                return this with { Callback = value };
        }
    }

    private static Parameters Parse(string name) => name.ToLowerInvariant() switch
    {
        "key" => Parameters.Key,
        "kind" => Parameters.Kind,
        "limit" => Parameters.Limit,
        "before" => Parameters.Before,
        "after" => Parameters.After,
        "callback" => Parameters.Callback,
        "grant" => Parameters.Grant,
        "lasteventid" => Parameters.LastEventId,
        _ => Parameters.None,
    };

    private static string Names(Parameters known) =>
        string.Join(", ", Enum.GetValues<Parameters>()
            .Where(one => (one & known) != 0 && int.IsPow2((int)one))
            .Select(one => one == Parameters.LastEventId ? "lastEventId" : one.ToString().ToLowerInvariant()));

    private static string Clip(string text) => text.Length > 40 ? text[..40] + "…" : text;
}
