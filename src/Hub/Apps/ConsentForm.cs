using System.Globalization;
using ActivityHub.Hub.Api.Grants;
using ActivityHub.Ledger;
using ActivityHub.Ledger.Grants;
using ActivityHub.Ledger.Updates;

namespace ActivityHub.Hub.Apps;

/// <summary>An owner's answer to the consent page. A form can never widen the request: the result is what both allow.</summary>
internal static class ConsentForm
{
    /// <summary>The fields of a choice; all others belong to the app's request.</summary>
    public const string Prefix = "choice.";

    public const string Answer = Prefix + "answer";
    public const string Allow = "allow";

    /// <summary>Stretches of the past by their names.</summary>
    public static IReadOnlyList<(string Word, TimeSpan Past, string Text)> Histories { get; } =
    [
        ("30d", TimeSpan.FromDays(30), "the last 30 days"), ("7d", TimeSpan.FromDays(7), "the last 7 days"),
        ("1d", TimeSpan.FromDays(1), "the last 24 hours"), ("none", TimeSpan.Zero, "from now on"),
    ];

    public static IReadOnlyList<(int Seconds, string Text)> Delays { get; } =
        [(60, "a minute"), (900, "15 minutes"), (3600, "an hour"), (21_600, "6 hours"), (86_400, "a day")];

    public static IReadOnlyList<(string Word, TimeSpan Length, string Text)> Ends { get; } =
    [
        ("1h", TimeSpan.FromHours(1), "in an hour"), ("1d", TimeSpan.FromDays(1), "in a day"), ("7d", TimeSpan.FromDays(7), "in a week"),
        ("30d", TimeSpan.FromDays(30), "in 30 days"), ("365d", TimeSpan.FromDays(365), "in a year"),
    ];

    public static string NameOf(int detail, long feedId, string field = "") =>
        $"{Prefix}{detail.ToString(CultureInfo.InvariantCulture)}.{OpaqueId.Format(feedId)}{(field.Length > 0 ? "." : "")}{field}";

    /// <summary>Returns the choice, or its fault.</summary>
    public static (IReadOnlyList<ChosenFeed>? Chosen, string? Fault) Read(
        IFormCollection form, IReadOnlyList<AskedAccess> asked, IReadOnlyList<long> feeds, DateTimeOffset now)
    {
        var chosen = new List<ChosenFeed>();
        for (var detail = 0; detail < asked.Count; detail++)
        {
            var ticked = feeds.Where(feed => form.ContainsKey(NameOf(detail, feed))).ToList();
            if (asked[detail].MostFeeds is { } most && ticked.Count > most)
            {
                return (null, most == 1 ? "The app takes one phone; choose one." : $"The app takes {most} phones; choose no more.");
            }

            foreach (var feed in ticked)
            {
                var view = asked[detail].View.Within(ReadView(form, detail, feed, now));
                if (view.Kinds is { Count: 0 })
                {
                    return (null, "Choose at least one kind for each phone that you have ticked.");
                }

                chosen.Add(new ChosenFeed(feed, view));
            }
        }

        return chosen.Count == 0 ? (null, "Choose at least one phone, or deny.") : (chosen, null);
    }

    private static AppView ReadView(IFormCollection form, int detail, long feed, DateTimeOffset now)
    {
        string? Field(string name) => form[NameOf(detail, feed, name)].FirstOrDefault();
        var kinds = NameOf(detail, feed, "kind.");
        return new AppView(
            Field("all") is not null ? null
                : [.. form.Keys.Where(key => key.StartsWith(kinds, StringComparison.Ordinal)).Select(key => key[kinds.Length..])
                    .Where(kind => Kind.IsValid(kind)).Order(StringComparer.Ordinal)],
            PrecisionWords.All.FirstOrDefault(known => known.Word == Field("precision")).Precision,
            Histories.Where(known => known.Word == Field("history")).Select(known => (DateTimeOffset?)(now - known.Past)).FirstOrDefault(),
            int.TryParse(Field("delay"), NumberStyles.None, CultureInfo.InvariantCulture, out var delay)
                ? Math.Min(delay, 366 * 86_400)
                : 0,
            Ends.Where(known => known.Word == Field("until")).Select(known => (DateTimeOffset?)(now + known.Length)).FirstOrDefault(),
            // Rights that the app did not request are not given.
            GrantRights.Read | GrantRights.Subscribe | GrantRights.Reply);
    }
}
