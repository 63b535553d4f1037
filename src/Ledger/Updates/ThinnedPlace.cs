using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ActivityHub.Ledger.Updates;

/// <summary>Where a phone whose places are thinned was last stored, and how many places have been merged into that since.</summary>
public sealed class ThinnedPlace
{
    public short Bucket { get; init; }

    public long FeedId { get; init; }

    /// <summary>Degrees, WGS 84.</summary>
    public double Lat { get; init; }

    /// <summary>Degrees, WGS 84.</summary>
    public double Lon { get; init; }

    /// <summary>When the phone saw the stored one.</summary>
    public DateTimeOffset At { get; init; }

    /// <summary>The newest that was merged into it: what is not newer than that is a repeat.</summary>
    public DateTimeOffset MergedUpTo { get; init; }

    /// <summary>How many were merged since it was stored.</summary>
    public long Merged { get; init; }

    /// <summary>How many were merged in all: with the stored ones, what the phone has sent.</summary>
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
