using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ActivityHub.Ledger.Updates;

/// <summary>A generation that began with a restore; the first generation has no row.</summary>
public sealed class RestoredGeneration
{
    private RestoredGeneration()
    {
    }

    /// <summary>2 or more.</summary>
    public int Number { get; private set; }

    public DateTimeOffset BeganAt { get; private set; }

    public static RestoredGeneration Begin(int number, DateTimeOffset now) => new() { Number = number, BeganAt = now };
}

/// <summary>The number of a feed's newest update when a generation began; later numbers belong to that generation.</summary>
public sealed class GenerationHead
{
    private GenerationHead()
    {
    }

    public short Bucket { get; private set; }

    public long FeedId { get; private set; }

    public int Generation { get; private set; }

    public long Head { get; private set; }
}

internal sealed class RestoredGenerationMapping : IEntityTypeConfiguration<RestoredGeneration>
{
    public void Configure(EntityTypeBuilder<RestoredGeneration> builder)
    {
        builder.ToTable("log_generations");
        builder.HasKey(row => row.Number);
        builder.Property(row => row.Number).ValueGeneratedNever();
    }
}

internal sealed class GenerationHeadMapping : IEntityTypeConfiguration<GenerationHead>
{
    public void Configure(EntityTypeBuilder<GenerationHead> builder)
    {
        builder.ToTable("generation_heads");
        builder.HasKey(row => new { row.Bucket, row.FeedId, row.Generation });
        builder.HasOne<Feed>().WithMany().HasForeignKey(row => new { row.Bucket, row.FeedId }).OnDelete(DeleteBehavior.Cascade);
    }
}
