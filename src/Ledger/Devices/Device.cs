using ActivityHub.Ledger.Keys;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ActivityHub.Ledger.Devices;

/// <summary>A phone; it owns one feed and holds a device key with which it may write to that feed, and nothing else.</summary>
public sealed class Device
{
    public const int MaxNameLength = 100;
    public const int MaxTakenKindsLength = 1000;

    private Device()
    {
    }

    public long Id { get; private set; }

    public long AccountId { get; private set; }

    public string Name { get; private set; } = "";

    public long FeedId { get; private set; }

    /// <summary>SHA-256 of the device key.</summary>
    public byte[] KeyHash { get; private set; } = [];

    /// <summary>SHA-256 of the derived key in the ingest address.</summary>
    public byte[] IngestHash { get; private set; } = [];

    /// <summary>Rises with each new key, and revokes the ingest address of the one before.</summary>
    public int KeyGeneration { get; private set; }

    public DateTimeOffset CreatedAt { get; private set; }

    /// <summary>Which kinds are taken of what its apps send to the ingest address, sorted and separated by commas; null = all.</summary>
    public string? TakenKinds { get; private set; }

    /// <summary>
    /// A place that is no farther than this from the last stored one, and no later than <see cref="ThinMinutes"/>, is merged into it; null
    /// = all are stored.
    /// </summary>
    public int? ThinMetres { get; private set; }

    public int? ThinMinutes { get; private set; }

    /// <summary>The owner's passphrase for OwnTracks' encryption, sealed; null = none.</summary>
    public byte[]? Passphrase { get; private set; }

    public static Device Join(long accountId, long feedId, string name, AccessKey key, RootKey root, DateTimeOffset now)
    {
        var device = new Device
        {
            Id = OpaqueId.New(),
            AccountId = accountId,
            FeedId = feedId,
            Name = name,
            CreatedAt = now,
        };
        device.ChangeKey(key, root);
        return device;
    }

    public void Rename(string name) => Name = name;

    public void ChangeKey(AccessKey key, RootKey root)
    {
        KeyHash = key.Hash;
        KeyGeneration++;
        IngestHash = AccessKey.HashOf(IngestKey(root));
    }

    public void Take(string? kinds) => TakenKinds = kinds;

    public void Thin(int? metres, int? minutes) => (ThinMetres, ThinMinutes) = (metres, minutes);

    public void Unlock(byte[]? passphrase) => Passphrase = passphrase;

    public string IngestKey(RootKey root) => root.IngestKey(Id, KeyGeneration);
}

internal sealed class DeviceMapping : IEntityTypeConfiguration<Device>
{
    public void Configure(EntityTypeBuilder<Device> builder)
    {
        builder.ToTable("devices");
        builder.Property(device => device.Id).ValueGeneratedNever();
        builder.Property(device => device.Name).HasMaxLength(Device.MaxNameLength);
        builder.Property(device => device.TakenKinds).HasMaxLength(Device.MaxTakenKindsLength);
        builder.HasIndex(device => device.AccountId);
        builder.HasIndex(device => device.FeedId);
        builder.HasIndex(device => device.KeyHash).IsUnique();
        builder.HasIndex(device => device.IngestHash).IsUnique();
    }
}
