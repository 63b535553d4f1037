using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ActivityHub.Ledger.Storage;

/// <summary>
/// A job that takes minutes. The row stores when it was requested, its progress and when it was done. Hangfire only starts jobs, so losing
/// its queue loses no job.
/// </summary>
public sealed class Chore
{
    private Chore()
    {
    }

    /// <summary>The name, for example <c>retention</c> or <c>export:{account}</c>.</summary>
    public string Name { get; private set; } = "";

    public DateTimeOffset? WantedAt { get; private set; }

    /// <summary>The point from which the job continues after a stop, in a format of its own.</summary>
    public string? Progress { get; private set; }

    public DateTimeOffset? DoneAt { get; private set; }

    public static Chore Want(string name, DateTimeOffset now) => new() { Name = name, WantedAt = now };

    public void WantAgain(DateTimeOffset now) => WantedAt = now;

    public void Note(string? progress) => Progress = progress;

    public void Finish(DateTimeOffset now)
    {
        WantedAt = null;
        Progress = null;
        DoneAt = now;
    }
}

internal sealed class ChoreMapping : IEntityTypeConfiguration<Chore>
{
    public void Configure(EntityTypeBuilder<Chore> builder)
    {
        builder.ToTable("chores");
        builder.HasKey(chore => chore.Name);
        builder.Property(chore => chore.Name).HasMaxLength(100);
    }
}
