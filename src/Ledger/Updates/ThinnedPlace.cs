using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ActivityHub.Ledger.Updates;

/// <summary>The last stored place of a phone whose places are thinned, and the number of places merged into it since.</summary>
public sealed class ThinnedPlace
{
    public short Bucket { get; init; }

    public long FeedId { get; init; }

    /// <summary>Degrees, WGS 84.</summary>
    public double Lat { get; init; }

    /// <summary>Degrees, WGS 84.</summary>
    public double Lon { get; init; }

    /// <summary>The phone's time of the stored place.</summary>
    public DateTimeOffset At { get; init; }

    /// <summary>The phone's time of the newest place that was merged into the stored one. A place that is not newer is a repeat.</summary>
    public DateTimeOffset MergedUpTo { get; init; }

    /// <summary>The number of places merged since the last one was stored.</summary>
    public long Merged { get; init; }

    /// <summary>
    /// The number of all merged places. Together with the stored places, it is the number of places that the phone has sent.
    /// </summary>
    public long MergedInAll { get; init; }
}

internal sealed class ThinnedPlaceMapping : IEntityTypeConfiguration<ThinnedPlace>
{
    public void Configure(EntityTypeBuilder<ThinnedPlace> builder)
    {
        builder.ToTable("thinned_places");
        builder.HasKey(row => new { row.Bucket, row.FeedId });
        builder.Property(row => row.Bucket).ValueGeneratedNever();
        builder.Property(row => row.FeedId).ValueGeneratedNever();
    }
}
