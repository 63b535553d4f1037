using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ActivityHub.Ledger.Places;

/// <summary>
/// A circle with a name that its owner gave it. When a phone of the owner enters or leaves it, the phone's feed gets an update that reports
/// it. Unlike a <see cref="PrivateZone"/>, it is stored as it was drawn.
/// </summary>
public sealed class NamedPlace
{
    public const int MaxNameLength = 100;
    public const int MinRadius = 50;
    public const int MaxRadius = 50_000;

    private NamedPlace()
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

    public static NamedPlace Draw(long accountId, string name, double lat, double lon, double radius, DateTimeOffset now) => new()
    {
        Id = OpaqueId.New(),
        AccountId = accountId,
        Name = name,
        Lat = lat,
        Lon = lon,
        Radius = radius,
        CreatedAt = now,
    };
}

/// <summary>Whether a phone is in a named place, as of an update of its feed. No row = the phone was never seen inside.</summary>
public sealed class Presence
{
    public short Bucket { get; init; }

    public long FeedId { get; init; }

    public long PlaceId { get; init; }

    public bool IsInside { get; set; }

    /// <summary>The phone's time of the update that last decided it.</summary>
    public DateTimeOffset At { get; set; }
}

internal sealed class NamedPlaceMapping : IEntityTypeConfiguration<NamedPlace>, IEntityTypeConfiguration<Presence>
{
    public void Configure(EntityTypeBuilder<NamedPlace> builder)
    {
        builder.ToTable("places");
        builder.Property(place => place.Id).ValueGeneratedNever();
        builder.Property(place => place.Name).HasMaxLength(NamedPlace.MaxNameLength);
        builder.HasIndex(place => place.AccountId);
    }

    public void Configure(EntityTypeBuilder<Presence> builder)
    {
        builder.ToTable("presences");
        builder.HasKey(row => new { row.Bucket, row.FeedId, row.PlaceId });
        builder.Property(row => row.Bucket).ValueGeneratedNever();
        builder.Property(row => row.FeedId).ValueGeneratedNever();
        builder.Property(row => row.PlaceId).ValueGeneratedNever();
    }
}
