using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ActivityHub.Ledger.Places;

/// <summary>
/// A circle in which no reader is told a place. What is kept, and so what acts, is another circle than the owner drew: it covers that one, and its
/// centre lies elsewhere. Whoever sees where a track breaks off, again and again, finds the middle of the circle, and not home. The one that was
/// drawn is not kept at all.
/// </summary>
public sealed class PrivateZone
{
    public const int MaxNameLength = 100;
    public const int MinRadius = 50;
    public const int MaxRadius = 50_000;

    private PrivateZone()
    {
    }

    public long Id { get; private set; }

    public long AccountId { get; private set; }

    public string Name { get; private set; } = "";

    /// <summary>Degrees, WGS 84.</summary>
    public double Lat { get; private set; }

    /// <summary>Degrees, WGS 84.</summary>
    public double Lon { get; private set; }

    /// <summary>Metres.</summary>
    public double Radius { get; private set; }

    public DateTimeOffset CreatedAt { get; private set; }

    /// <param name="accountId">Whose.</param>
    /// <param name="name">What the owner calls it.</param>
    /// <param name="lat">Where the owner drew it.</param>
    /// <param name="lon">Where the owner drew it.</param>
    /// <param name="radius">As drawn, in metres.</param>
    /// <param name="now">Of its making.</param>
    public static PrivateZone Draw(long accountId, string name, double lat, double lon, double radius, DateTimeOffset now)
    {
        var (shiftedLat, shiftedLon) = Shift(lat, lon, radius);
        var centre = PlaceGrid.CellOf(shiftedLat, shiftedLon, Precision.HundredMetres)!;
        return new PrivateZone
        {
            Id = OpaqueId.New(),
            AccountId = accountId,
            Name = name,
            Lat = centre.Lat,
            Lon = centre.Lon,
            Radius = Math.Ceiling(radius + PlaceGrid.Distance(lat, lon, centre.Lat, centre.Lon)),
            CreatedAt = now,
        };
    }

    /// <summary>Whether a place lies in it.</summary>
    public bool Covers(double lat, double lon) => Touches(lat, lon, 0);

    /// <summary>Whether any of a circle lies in it.</summary>
    public bool Touches(double lat, double lon, double radius) => PlaceGrid.Distance(Lat, Lon, lat, lon) <= Radius + radius;

    // A third to two thirds of the radius away, and no less than 100 m: in a small circle the middle would be home after all.
    private static (double Lat, double Lon) Shift(double lat, double lon, double radius)
    {
        var direction = RandomNumberGenerator.GetInt32(3600) / 3600.0 * Math.Tau;
        var length = Math.Max(100, radius * (1.0 / 3 + (RandomNumberGenerator.GetInt32(1000) / 3000.0))) / PlaceGrid.MetresPerDegree;
        var shifted = Math.Clamp(lat + (length * Math.Cos(direction)), -90, 90);
        var narrow = Math.Max(0.01, Math.Cos(double.DegreesToRadians(shifted)));
        return (shifted, lon + (length * Math.Sin(direction) / narrow));
    }
}

internal sealed class PrivateZoneMapping : IEntityTypeConfiguration<PrivateZone>
{
    public void Configure(EntityTypeBuilder<PrivateZone> builder)
    {
        builder.ToTable("private_zones");
        builder.Property(zone => zone.Id).ValueGeneratedNever();
        builder.Property(zone => zone.Name).HasMaxLength(PrivateZone.MaxNameLength);
        builder.HasIndex(zone => zone.AccountId);
    }
}
