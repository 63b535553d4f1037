using System.Text.Json;
using ActivityHub.FeedApi.Intake.Parsing;

namespace ActivityHub.FeedApi.Intake.Formats.OwnTracks;

/// <summary>
/// The client that sends an OwnTracks message. The OwnTracks app identifies itself in its user agent, or names the topic that the message
/// would have over MQTT; its speeds are in km/h. GPSLogger's and Colota's presets do neither; their speeds are in m/s. Overland's OwnTracks
/// mode counts seconds from 2001, the epoch of its phone's clock.
/// </summary>
/// <param name="IsItself">Whether the client is the OwnTracks app itself.</param>
/// <param name="IsOverland">Whether the client is Overland in its OwnTracks mode.</param>
/// <param name="Shift">The offset to add to its times.</param>
/// <param name="Now">The time of receipt.</param>
internal sealed record OwnTracksSender(bool IsItself, bool IsOverland, TimeSpan Shift, DateTimeOffset Now)
{
    // No phone sent a place before September 2001, so a smaller number does not count from 1970.
    private const double EarliestSeconds = 1e9;
    private static readonly TimeSpan From2001 = new DateTimeOffset(2001, 1, 1, 0, 0, 0, TimeSpan.Zero) - DateTimeOffset.UnixEpoch;

    public static OwnTracksSender Of(JsonElement item, PhoneRequest request)
    {
        var app = request.App ?? "";
        var isItself = app.Contains("owntracks", StringComparison.OrdinalIgnoreCase) || Texts.Of(item.Member("topic")) is not null;
        var isShifted = !isItself && item.Member("tid") is null &&
            Numbers.Of(item.Member("tst")) is > 0 and < EarliestSeconds and var seconds &&
            Times.IsWithin(DateTimeOffset.UnixEpoch.AddSeconds(seconds) + From2001, request.Now);
        return new OwnTracksSender(
            isItself, isShifted || app.StartsWith("Overland", StringComparison.OrdinalIgnoreCase), isShifted ? From2001 : TimeSpan.Zero,
            request.Now);
    }

    public static bool IsAndroid(PhoneRequest request) => request.App?.Contains("android", StringComparison.OrdinalIgnoreCase) is true;

    /// <summary>Returns a time; null where there is none. An app that does not know the time writes zero or less.</summary>
    public DateTimeOffset? Time(JsonElement item, string name) =>
        Numbers.Of(item.Member(name)) is <= 0 ? null : Times.Of(item.Member(name)) + Shift;

    public double? Speed(JsonElement item) =>
        Numbers.Positive(Numbers.Of(item.Member("vel"))) * (IsItself ? Places.MetresPerSecondOfKmH : 1);

    /// <summary>Returns the battery in percent. OwnTracks writes whole percent; other apps may write the phone's value of 0 to 1.</summary>
    public double? Battery(JsonElement item) => Numbers.Of(item.Member("batt")) switch
    {
        > 0 and < 1 and var part when !IsItself => part * 100,
        var percent => percent,
    };
}
