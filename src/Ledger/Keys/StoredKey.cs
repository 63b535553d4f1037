using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ActivityHub.Ledger.Keys;

/// <summary>A key of the installation, encrypted by the Data Protection ring.</summary>
internal sealed class StoredKey
{
    public const string Root = "root";

    public string Name { get; init; } = "";

    public byte[] Value { get; init; } = [];
}

internal sealed class StoredKeyMapping : IEntityTypeConfiguration<StoredKey>
{
    public void Configure(EntityTypeBuilder<StoredKey> builder)
    {
        builder.ToTable("keys");
        builder.HasKey(key => key.Name);
        builder.Property(key => key.Name).HasMaxLength(50);
    }
}
