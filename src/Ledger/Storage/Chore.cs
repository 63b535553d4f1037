using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ActivityHub.Ledger.Storage;

/// <summary>
/// A piece of work that is measured in minutes: wanted, how far it has come, done. Hangfire only calls; losing its queue loses nothing.
/// </summary>
public sealed class Chore
{
    private Chore()
    {
    }

    /// <summary>For example <c>retention</c>, or <c>export:{account}</c>.</summary>
    public string Name { get; private set; } = "";

    public DateTimeOffset? WantedAt { get; private set; }

    /// <summary>Where to go on after a stop; what it means is the chore's own affair.</summary>
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
