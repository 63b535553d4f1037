using ActivityHub.Ledger.Places;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ActivityHub.Ledger.Updates;

/// <summary>An update as stored in the log.</summary>
public sealed class FeedUpdate
{
    private string? _clientId;
    private string? _data;

    public short Bucket { get; init; }

    public long FeedId { get; init; }

    public long Seq { get; init; }

    /// <summary>The entry's id for readers, <c>urn:uuid:…</c>; assigned at the append.</summary>
    public Guid EntryId { get; init; }

    /// <summary>The id that the phone chose, unique within the feed; null if the phone chose none.</summary>
    public string? ClientId { get => _clientId; init => _clientId = value; }

    public string Kind { get; init; } = "";

    /// <summary>The phone's time of the observation: the instant, to the microsecond.</summary>
    public DateTimeOffset At { get; init; }

    /// <summary>The phone's offset from UTC at that time, in minutes.</summary>
    public short AtOffset { get; init; }

    /// <summary>The time at which the hub received the update.</summary>
    public DateTimeOffset Received { get; init; }

    public string? Title { get; init; }

    public double? Lat { get; init; }

    public double? Lon { get; init; }

    public double? Accuracy { get; init; }

    public double? Altitude { get; init; }

    public double? Speed { get; init; }

    public double? Heading { get; init; }

    /// <summary>The cells in which the place is shown, as decided at the append; null = the cell that contains the place.</summary>
    public long? Cell100m { get; init; }

    public long? Cell1km { get; init; }

    public long? Cell10km { get; init; }

    /// <summary>
    /// The phone's newest place seen at the time of this update or before; private zones use it to judge an update without a place. Null if
    /// no such place is known. It is never shown.
    /// </summary>
    public DateTimeOffset? JudgedAt { get; init; }

    public double? JudgedLat { get; init; }

    public double? JudgedLon { get; init; }

    public double? JudgedAccuracy { get; init; }

    /// <summary>The JSON object as the phone wrote it.</summary>
    public string? Data { get => _data; init => _data = value; }

    /// <summary>
    /// The trace in which the update was received (W3C <c>traceparent</c>); its deliveries belong to the same trace. Null if the trace was
    /// not recorded.
    /// </summary>
    public string? Trace { get; init; }

    /// <summary>
    /// The id of the entry that this one withdraws; null for every ordinary update. A withdrawal is an ordinary entry of the log, so every
    /// reader that received the withdrawn entry also receives the withdrawal, in order.
    /// </summary>
    public Guid? Withdraws { get; init; }

    /// <summary>
    /// For a withdrawal: the time at which the withdrawn update was received. Only readers who could see that update see the withdrawal.
    /// </summary>
    public DateTimeOffset? WithdrawsReceived { get; init; }

    /// <summary>The number of the withdrawal of this update. A withdrawn update keeps only its kind, times and ids.</summary>
    public long? WithdrawnBy { get; init; }

    /// <summary>The time of the observation in the phone's own time zone offset.</summary>
    public DateTimeOffset Observed => At.ToOffset(TimeSpan.FromMinutes(AtOffset));

    public PlaceCells Cells => new(Cell100m, Cell1km, Cell10km);

    public Place? Location => Lat is { } lat && Lon is { } lon ? new Place(lat, lon, Accuracy, Altitude, Speed, Heading) : null;

    /// <summary>The id in the native format: the phone's id if it chose one, else the entry's id.</summary>
    public string NativeId => ClientId ?? EntryId.ToString();

    /// <summary>Returns a copy without the id that the phone chose.</summary>
    public FeedUpdate WithoutClientId()
    {
        var copy = (FeedUpdate)MemberwiseClone();
        copy._clientId = null;
        return copy;
    }

    /// <summary>Returns a copy with other data.</summary>
    public FeedUpdate With(string? data)
    {
        var copy = (FeedUpdate)MemberwiseClone();
        copy._data = data;
        return copy;
    }

    /// <summary>The approximate size in a document without markup, in bytes.</summary>
    public int Weight => 160 + ((Data?.Length ?? 0) + (Title?.Length ?? 0));
}

internal sealed class FeedUpdateMapping : IEntityTypeConfiguration<FeedUpdate>
{
    public void Configure(EntityTypeBuilder<FeedUpdate> builder)
    {
        builder.ToTable("updates");
        builder.HasKey(update => new { update.Bucket, update.FeedId, update.Seq });
        builder.Property(update => update.Bucket).ValueGeneratedNever();
        builder.Property(update => update.Seq).ValueGeneratedNever();
        builder.Property(update => update.ClientId).HasMaxLength(NewUpdate.MaxClientIdLength);
        builder.Property(update => update.Kind).HasMaxLength(NewUpdate.MaxKindLength);
        builder.Property(update => update.Title).HasMaxLength(NewUpdate.MaxTitleLength);
        builder.Property(update => update.Trace).HasMaxLength(StoredTrace.Length);
        builder.Ignore(update => update.Observed).Ignore(update => update.Cells).Ignore(update => update.Location)
            .Ignore(update => update.NativeId).Ignore(update => update.Weight);
        builder.HasIndex(update => new { update.Bucket, update.FeedId, update.ClientId })
            .IsUnique().HasFilter("client_id IS NOT NULL");
        // A reader of a rare kind must not scan the whole log. The kind comes before the feed: with the same leading columns as the key,
        // the index would look equally good to PostgreSQL where a feed is short. PostgreSQL would then use it for look-ups by id and by
        // number, which read the whole feed where a feed is long.
        builder.HasIndex(update => new { update.Bucket, update.Kind, update.FeedId, update.Seq });
    }
}
