using ActivityHub.FeedApi.Intake.Parsing;
using ActivityHub.Ledger.Places;
using ActivityHub.Ledger.Updates;

namespace ActivityHub.FeedApi.Intake.Formats.HomeAssistant;

/// <summary>Identifies a message without a timestamp by its contents and the ten seconds in which it was received.</summary>
internal static class ArrivalWindow
{
    public static readonly TimeSpan Window = TimeSpan.FromSeconds(10);

    public static NewUpdate Of(string kind, Place? place, string? data, DateTimeOffset now) => new()
    {
        Kind = kind,
        Location = place,
        Data = data,
        ClientId = ClientIds.Of(HomeAssistantFormat.FormatName, kind, place?.ToString(), data, now.UtcTicks / Window.Ticks),
    };
}
