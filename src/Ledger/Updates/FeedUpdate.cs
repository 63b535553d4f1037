using ActivityHub.Ledger.Places;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ActivityHub.Ledger.Updates;

/// <summary>An update as the log keeps it.</summary>
public sealed class FeedUpdate
{
    private string? _clientId;
    private string? _data;

    public short Bucket { get; init; }

    public long FeedId { get; init; }

    public long Seq { get; init; }

    /// <summary>The name by which readers know the entry, <c>urn:uuid:…</c>; given at append.</summary>
    public Guid EntryId { get; init; }

    /// <summary>The id that the phone chose, unique within the feed; null where it chose none.</summary>
    public string? ClientId { get => _clientId; init => _clientId = value; }

    public string Kind { get; init; } = "";

    /// <summary>When the phone saw it: the instant, to the microsecond.</summary>
    public DateTimeOffset At { get; init; }

    /// <summary>The phone's own offset from UTC at that time, in minutes.</summary>
    public short AtOffset { get; init; }

    /// <summary>When the hub took it.</summary>
    public DateTimeOffset Received { get; init; }

    public string? Title { get; init; }

    public double? Lat { get; init; }

    public double? Lon { get; init; }

    public double? Accuracy { get; init; }

    public double? Altitude { get; init; }

    public double? Speed { get; init; }

    public double? Heading { get; init; }

    /// <summary>The cells in which the place is shown, as they were decided at the append; null = the one in which it lies.</summary>
    public long? Cell100m { get; init; }

    public long? Cell1km { get; init; }

    public long? Cell10km { get; init; }

    /// <summary>
    /// Of an update without a place: the newest place of the phone that was seen at its time or before, by which private zones judge it. Null where none is known.
    /// It is never shown.
    /// </summary>
    public DateTimeOffset? JudgedAt { get; init; }

    public double? JudgedLat { get; init; }

    public double? JudgedLon { get; init; }

    public double? JudgedAccuracy { get; init; }

    /// <summary>A JSON object as the phone wrote it.</summary>
    public string? Data { get => _data; init => _data = value; }

    /// <summary>The trace in which it was taken (W3C <c>traceparent</c>), so that its deliveries belong to it; null where nobody traces.</summary>
    public string? Trace { get; init; }

    /// <summary>
    /// The entry that this one takes back; null for every ordinary update. A withdrawal is an entry of the log like any other, so that whoever got the one
    /// is told of the other, in order.
    /// </summary>
    public Guid? Withdraws { get; init; }

    /// <summary>Of a withdrawal: when the update was received that it takes back. It is for the eyes that could see that one.</summary>
    public DateTimeOffset? WithdrawsReceived { get; init; }

    /// <summary>The withdrawal by which this one was taken back: of it nothing is left but its kind, its times and its ids.</summary>
    public long? WithdrawnBy { get; init; }

    /// <summary>When the phone saw it, in the phone's own time.</summary>
    public DateTimeOffset Observed => At.ToOffset(TimeSpan.FromMinutes(AtOffset));

    public PlaceCells Cells => new(Cell100m, Cell1km, Cell10km);

    public Place? Location => Lat is { } lat && Lon is { } lon ? new Place(lat, lon, Accuracy, Altitude, Speed, Heading) : null;

    /// <summary>The id in the native form: what the phone chose, else the entry's.</summary>
    public string NativeId => ClientId ?? EntryId.ToString();

    /// <summary>The same without the id that the phone chose.</summary>
    public FeedUpdate WithoutClientId()
    {
        var copy = (FeedUpdate)MemberwiseClone();
        copy._clientId = null;
        return copy;
    }

    /// <summary>The same with other data.</summary>
    public FeedUpdate With(string? data)
    {
        var copy = (FeedUpdate)MemberwiseClone();
        copy._data = data;
        return copy;
    }

    /// <summary>About how many bytes it takes in a document, markup left out.</summary>
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
        // A reader of a rare kind must not walk the whole log. The kind comes before the feed: an index that began like the key itself would look as good as it
        // to PostgreSQL wherever a feed is short, and be taken for look-ups by id and by number, which then read all of a feed that is long.
        builder.HasIndex(update => new { update.Bucket, update.Kind, update.FeedId, update.Seq });
    }
}
