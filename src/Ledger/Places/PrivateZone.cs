using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ActivityHub.Ledger.Places;

/// <summary>
/// A circle in which no reader is shown a place. The stored and effective circle differs from the one that the owner drew: it covers the
/// drawn circle, and its centre is shifted. A reader who collects the points where tracks break off finds the centre of the stored circle,
/// which is not the owner's home. The drawn circle is not stored.
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

    /// <param name="accountId">The id of the account.</param>
    /// <param name="name">The owner's name for the zone.</param>
    /// <param name="lat">The latitude of the drawn centre.</param>
    /// <param name="lon">The longitude of the drawn centre.</param>
    /// <param name="radius">The drawn radius, in metres.</param>
    /// <param name="now">The time of creation.</param>
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

    /// <summary>Whether a place is in the zone.</summary>
    public bool Covers(double lat, double lon) => Touches(lat, lon, 0);

    /// <summary>Whether any part of a circle is in the zone.</summary>
    public bool Touches(double lat, double lon, double radius) => PlaceGrid.Distance(Lat, Lon, lat, lon) <= Radius + radius;

    // Shifts by a third to two thirds of the radius, and by at least 100 m: in a small circle the centre would otherwise still be the home.
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
