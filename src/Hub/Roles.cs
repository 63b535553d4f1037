using ActivityHub.FeedApi;
using ActivityHub.Ledger.Settings;
using ActivityHub.Workers;

namespace ActivityHub.Hub;

/// <summary>Which of the product's three roles this process plays: setting <c>Roles</c>, all unless said.</summary>
internal sealed record Roles(bool Hub, bool Feeds, bool Workers)
{
    [Setting(typeof(string))]
    public const string Setting = "Roles";

    private static readonly string[] Known = ["hub", "feeds", "workers"];

    /// <exception cref="WrongSettingException">A name is none of the three.</exception>
    public static Roles Read(string? text)
    {
        var names = (text ?? string.Join(',', Known)).Split([',', ' '],
            StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(name => name.ToLowerInvariant()).ToList();
        if (names.Count == 0 || names.Exists(name => !Known.Contains(name)))
        {
            throw new WrongSettingException(Setting, text, "one or more of hub, feeds, workers, separated by commas");
        }

        return new Roles(names.Contains("hub"), names.Contains("feeds"), names.Contains("workers"));
    }

    public void Add(WebApplicationBuilder builder)
    {
        if (Hub)
        {
            builder.AddHub();
        }

        if (Feeds)
        {
            builder.AddFeedApi();
        }

        if (Workers)
        {
            builder.AddWorkers();
        }
    }

    public void Map(WebApplication app)
    {
        if (Hub)
        {
            app.MapHub();
        }

        if (Feeds)
        {
            app.MapFeedApi();
        }

        if (Workers)
        {
            app.MapWorkers();
        }
    }

    public override string ToString() => string.Join(", ", Known.Where((_, index) => new[] { Hub, Feeds, Workers }[index]));
}
