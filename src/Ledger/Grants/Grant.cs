using ActivityHub.Ledger.Keys;
using ActivityHub.Ledger.Places;
using ActivityHub.Ledger.Updates;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ActivityHub.Ledger.Grants;

/// <summary>
/// The right to read a view of a feed, with a reader key, rights, an end and a way to revoke it. A grant without a key is public.
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

    /// <summary>SHA-256 of the reader key; null for a public grant and for the owner.</summary>
    public byte[]? KeyHash { get; private set; }

    public bool IsPublic => KeyHash is null && Id != 0;

    /// <summary>Whether this is the owner's own view, which has no row.</summary>
    public bool IsOwners => Id == 0;

    /// <summary>The kinds of updates that the grant shows, sorted and separated by commas; null = all.</summary>
    public string? Kinds { get; private set; }

    public Precision Precision { get; private set; }

    /// <summary>
    /// The kinds that the grant can show; null = all. If the precision is below exact, a kind whose data format is unknown is shown only if
    /// the grant names the kind.
    /// </summary>
    public string? ShownKinds => Kinds ?? (Precision == Precision.Exact ? null : Kind.WellKnown);

    /// <summary>The range of received times: from (inclusive) to (exclusive); null = no bound.</summary>
    public DateTimeOffset? From { get; private set; }

    public DateTimeOffset? To { get; private set; }

    /// <summary>The delay between the receipt of an update and its visibility, in seconds.</summary>
    public int DelaySeconds { get; private set; }

    /// <summary>The end of the grant; null = valid until revoked.</summary>
    public DateTimeOffset? Until { get; private set; }

    public GrantRights Rights { get; private set; }

    public DateTimeOffset CreatedAt { get; private set; }

    /// <summary>The account's current private zones, in which the holder sees no place. Not part of the row.</summary>
    public IReadOnlyList<PrivateZone> Zones { get; private set; } = [];

    /// <summary>
    /// Whether the view neither withholds nor blurs any update, so that positions may be plain numbers. A private zone counts: it withholds
    /// the enter and leave events of named places in it.
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

    /// <summary>Sets the key of a grant whose key is derived from the grant's id.</summary>
    internal void OpenBy(AccessKey key) => KeyHash = key.Hash;

    /// <summary>Returns the owner's own view, which shows everything. It has no row.</summary>
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
