using ActivityHub.Ledger.Keys;
using ActivityHub.Ledger.Places;
using ActivityHub.Ledger.Updates;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ActivityHub.Ledger.Grants;

/// <summary>
/// A view of a feed that its owner gave to somebody, with a reader key, rights, an end and a way to revoke it. A grant without
/// a key is public.
/// </summary>
public sealed class Grant
{
    public const int MaxNameLength = 100;

    private Grant()
    {
    }

    public long Id { get; private set; }

    public long FeedId { get; private set; }

    public string Name { get; private set; } = "";

    /// <summary>SHA-256 of the reader key; null where the grant is public, and for the owner himself.</summary>
    public byte[]? KeyHash { get; private set; }

    public bool IsPublic => KeyHash is null && Id != 0;

    /// <summary>True for the owner himself; that is no row.</summary>
    public bool IsOwners => Id == 0;

    /// <summary>Which kinds, sorted and separated by commas; null = all.</summary>
    public string? Kinds { get; private set; }

    public Precision Precision { get; private set; }

    /// <summary>
    /// Which kinds it can show at all; null = all. Below exact, a kind of which nobody knows what its data tells is shown only where the grant names
    /// it.
    /// </summary>
    public string? ShownKinds => Kinds ?? (Precision == Precision.Exact ? null : Kind.WellKnown);

    /// <summary>The stretch of received time: from (inclusive) to (exclusive); null = without bound.</summary>
    public DateTimeOffset? From { get; private set; }

    public DateTimeOffset? To { get; private set; }

    /// <summary>How long after its receipt an update shows, in seconds.</summary>
    public int DelaySeconds { get; private set; }

    /// <summary>The grant's own end; null = until revoked.</summary>
    public DateTimeOffset? Until { get; private set; }

    public GrantRights Rights { get; private set; }

    public DateTimeOffset CreatedAt { get; private set; }

    /// <summary>The circles in which its holder is told no place: the account's, as they stand. Not part of the row.</summary>
    public IReadOnlyList<PrivateZone> Zones { get; private set; } = [];

    /// <summary>
    /// True where no update of the feed is withheld or blurred, so that positions may be plain numbers. A zone withholds that places with names were entered and left in it.
    /// </summary>
    public bool HidesNothing =>
        Kinds is null && Precision == Precision.Exact && From is null && To is null && DelaySeconds == 0 && Zones.Count == 0;

    public static Grant Give(long feedId, string name, AccessKey? key, DateTimeOffset now) => new()
    {
        Id = OpaqueId.New(),
        FeedId = feedId,
        Name = name,
        KeyHash = key?.Hash,
        Precision = Precision.Exact,
        Rights = GrantRights.Read | GrantRights.Subscribe,
        CreatedAt = now,
    };

    /// <summary>For a key that is derived from the grant's own id.</summary>
    internal void OpenBy(AccessKey key) => KeyHash = key.Hash;

    /// <summary>What the owner himself sees: everything. It is not a row.</summary>
    public static Grant OfOwner(long feedId) =>
        new() { FeedId = feedId, Name = "owner", Rights = GrantRights.Read | GrantRights.Subscribe };

    public void Rename(string name) => Name = name;

    public void Show(DateTimeOffset? from, DateTimeOffset? to = null, int delaySeconds = 0)
    {
        From = from;
        To = to;
        DelaySeconds = delaySeconds;
    }

    public void Limit(string? kinds, Precision precision)
    {
        Kinds = kinds;
        Precision = precision;
    }

    public void Withhold(IReadOnlyList<PrivateZone> zones) => Zones = zones;

    public void EndAt(DateTimeOffset? until) => Until = until;

    public void Allow(GrantRights rights) => Rights = rights;

    public bool Holds(DateTimeOffset now) => Until is null || now < Until;
}

internal sealed class GrantMapping : IEntityTypeConfiguration<Grant>
{
    public void Configure(EntityTypeBuilder<Grant> builder)
    {
        builder.ToTable("grants");
        builder.Property(grant => grant.Id).ValueGeneratedNever();
        builder.Property(grant => grant.Name).HasMaxLength(Grant.MaxNameLength);
        builder.Ignore(grant => grant.IsPublic).Ignore(grant => grant.IsOwners).Ignore(grant => grant.HidesNothing)
            .Ignore(grant => grant.ShownKinds).Ignore(grant => grant.Zones);
        builder.HasIndex(grant => grant.FeedId);
        builder.HasIndex(grant => grant.KeyHash).IsUnique();
    }
}
