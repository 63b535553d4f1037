using System.Text.Json;
using ActivityHub.FeedApi.Intake.Parsing;

namespace ActivityHub.FeedApi.Intake.Formats.OwnTracks;

/// <summary>
/// Who speaks OwnTracks. The app itself says so, or names the topic that the message would have on MQTT; its speeds are km/h. GPSLogger's
/// and Colota's presets do neither, and theirs are m/s. Overland's OwnTracks mode counts seconds from 2001, where its phone's clock begins.
/// </summary>
/// <param name="IsItself">The app itself.</param>
/// <param name="IsOverland">Overland, in its OwnTracks mode.</param>
/// <param name="Shift">What its times lack.</param>
/// <param name="Now">When the message came.</param>
internal sealed record OwnTracksSender(bool IsItself, bool IsOverland, TimeSpan Shift, DateTimeOffset Now)
{
    // No phone has sent a place before September 2001; what claims it does not count from 1970.
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

    /// <summary>Null where there is none; zero, and less, is what an app writes that does not know.</summary>
    public DateTimeOffset? Time(JsonElement item, string name) =>
        Numbers.Of(item.Member(name)) is <= 0 ? null : Times.Of(item.Member(name)) + Shift;

    public double? Speed(JsonElement item) =>
        Numbers.Positive(Numbers.Of(item.Member("vel"))) * (IsItself ? Places.MetresPerSecondOfKmH : 1);

    /// <summary>Percent. The app writes whole ones; what others take from the phone may be 0 to 1.</summary>
    public double? Battery(JsonElement item) => Numbers.Of(item.Member("batt")) switch
    {
        > 0 and < 1 and var part when !IsItself => part * 100,
        var percent => percent,
    };
}
