using ActivityHub.Ledger;
using ActivityHub.Ledger.Grants;
using ActivityHub.Ledger.Keys;
using ActivityHub.Ledger.Places;
using ActivityHub.Ledger.Updates;

namespace ActivityHub.Syndication.Tests;

/// <summary>A feed and its updates, as the ledger would give them.</summary>
internal static class Samples
{
    public const long FeedId = 0x0123_4567_89AB_CDE;

    public static readonly DateTimeOffset Noon = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    public static readonly RootKey Root = new([.. Enumerable.Range(1, 32).Select(number => (byte)number)]);

    public static Positions PlainPositions => Positions.For(Grant.OfOwner(FeedId), Root, LogGeneration.First);

    public static Positions OpaquePositions =>
        Positions.For(GrantOf(grant => grant.Limit("battery", Precision.Exact)), Root, LogGeneration.First);

    public static Grant GrantOf(Action<Grant> limits)
    {
        var grant = Grant.Give(FeedId, "a friend", AccessKey.NewReader(), Noon);
        limits(grant);
        return grant;
    }

    public static FeedDescription Feed(string title = "Maria's phone", Positions? positions = null) => new()
    {
        FeedId = FeedId,
        Title = title,
        HubUrl = "https://hub.example/hub",
        SelfUrl = $"https://hub.example/feeds/{OpaqueId.Format(FeedId)}.atom?kind=battery,geo&key=rk_abc",
        NextUrl = $"https://hub.example/feeds/{OpaqueId.Format(FeedId)}.atom?kind=battery,geo&key=rk_abc&before=17",
        HomeUrl = "https://hub.example/people/maria",
        Updated = Noon,
        Positions = positions ?? PlainPositions,
    };

    public static FeedUpdate Update(
        string kind = "battery", string? title = null, string? data = """{"level":47,"charging":true}""", string? clientId = null,
        long seq = 18) => new()
        {
            Bucket = OpaqueId.BucketOf(FeedId),
            FeedId = FeedId,
            Seq = seq,
            EntryId = new Guid(0x1b4e28ba, 0x2fa1, 0x41d2, 0x88, 0x3f, 0, 0, 0, 0, 0, (byte)seq),
            ClientId = clientId,
            Kind = kind,
            At = new DateTimeOffset(2026, 11, 23, 11, 15, 30, TimeSpan.Zero),
            AtOffset = -180,
            Received = Noon,
            Title = title,
            Data = data,
        };

    public static FeedUpdate Located(
        double lat = -23.4, double lon = -50.3, double? accuracy = 12, double? altitude = 610, string kind = "geo") => new()
        {
            Bucket = OpaqueId.BucketOf(FeedId),
            FeedId = FeedId,
            Seq = 19,
            EntryId = new Guid("0a9f3a53-6f0e-4f6b-9a55-1c7f6d1f0f00"),
            ClientId = "phone-7",
            Kind = kind,
            At = new DateTimeOffset(2026, 11, 23, 11, 15, 30, TimeSpan.Zero).AddMicroseconds(250_000),
            AtOffset = -180,
            Received = Noon.AddMicroseconds(123_456),
            Lat = lat,
            Lon = lon,
            Accuracy = accuracy,
            Altitude = altitude,
            Speed = 3.2,
            Heading = 270,
        };
}
