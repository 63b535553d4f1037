using System.Buffers.Binary;
using System.Buffers.Text;
using System.Globalization;

namespace ActivityHub.Web;

/// <summary>
/// Which part of a list is wanted: <c>?limit=</c> (1 to 200, 50 unless said) and <c>?after=</c>, where the part before ended. By key, not
/// by offset: a list that changes meanwhile repeats nothing and leaves nothing out.
/// </summary>
public sealed class PageQuery
{
    private const int DefaultLimit = 50;
    private const int MaxLimit = 200;

    private readonly string _path;

    private PageQuery(string path, int limit, byte[]? after)
    {
        _path = path;
        Limit = limit;
        AfterBytes = after;
    }

    public int Limit { get; }

    /// <summary>The key of the last item before, 16 bytes; null at the beginning.</summary>
    private byte[]? AfterBytes { get; }

    /// <summary>For lists in order of birth: everything is after the smallest.</summary>
    public (DateTimeOffset At, long Id) After => AfterBytes is null
        ? (DateTimeOffset.UnixEpoch.AddYears(-1), -1)
        : (DateTimeOffset.UnixEpoch.AddMicroseconds(BinaryPrimitives.ReadInt64BigEndian(AfterBytes)),
            BinaryPrimitives.ReadInt64BigEndian(AfterBytes.AsSpan(8)));

    /// <summary>For lists with the newest first: everything is before the largest.</summary>
    public (DateTimeOffset At, long Id) Before => AfterBytes is null ? (DateTimeOffset.UnixEpoch.AddYears(5000), long.MaxValue) : After;

    /// <summary>For lists in order of a version 7 id.</summary>
    public Guid? AfterId => AfterBytes is null ? null : new Guid(AfterBytes, bigEndian: true);

    public static bool TryRead(HttpRequest request, string path, out PageQuery page, out IReadOnlyList<Fault> faults) =>
        TryRead(request.Query["limit"], request.Query["after"], path, out page, out faults);

    public static bool TryRead(string? limitText, string? afterText, string path, out PageQuery page, out IReadOnlyList<Fault> faults)
    {
        var found = new List<Fault>();
        var limit = DefaultLimit;
        if (limitText is not null &&
            (!int.TryParse(limitText, NumberStyles.None, CultureInfo.InvariantCulture, out limit) || limit is < 1 or > MaxLimit))
        {
            found.Add(new Fault("limit", $"limit must be a whole number from 1 to {MaxLimit}."));
        }

        byte[]? after = null;
        if (afterText is not null)
        {
            after = new byte[16];
            if (afterText.Length != 22 || !Base64Url.TryDecodeFromChars(afterText, after, out var written) || written != 16 ||
                BinaryPrimitives.ReadInt64BigEndian(after) < 0)
            {
                found.Add(new Fault("after", "after must be taken from the next address of a list."));
                after = null;
            }
        }

        faults = found;
        page = new PageQuery(path, limit, after);
        return found.Count == 0;
    }

    /// <summary>Of one item more than the limit: the items, and where the rest is.</summary>
    public Page<TAnswer> Cut<TRow, TAnswer>(
        IReadOnlyList<TRow> rows, Func<TRow, (DateTimeOffset At, long Id)> key, Func<TRow, TAnswer> answer) =>
        Cut(rows, row => Name(key(row).At, key(row).Id), answer);

    /// <inheritdoc cref="Cut{TRow,TAnswer}(IReadOnlyList{TRow},Func{TRow,ValueTuple{DateTimeOffset,long}},Func{TRow,TAnswer})"/>
    public Page<TAnswer> Cut<TRow, TAnswer>(IReadOnlyList<TRow> rows, Func<TRow, Guid> key, Func<TRow, TAnswer> answer) =>
        Cut(rows, row => Base64Url.EncodeToString(key(row).ToByteArray(bigEndian: true)), answer);

    private static string Name(DateTimeOffset at, long id)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteInt64BigEndian(bytes, (at.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond);
        BinaryPrimitives.WriteInt64BigEndian(bytes[8..], id);
        return Base64Url.EncodeToString(bytes);
    }

    private Page<TAnswer> Cut<TRow, TAnswer>(IReadOnlyList<TRow> rows, Func<TRow, string> name, Func<TRow, TAnswer> answer)
    {
        var items = rows.Take(Limit).Select(answer).ToList();
        // The filters of the list also apply to its next page.
        var separator = _path.Contains('?', StringComparison.Ordinal) ? '&' : '?';
        return new Page<TAnswer>(items, rows.Count > Limit ? $"{_path}{separator}limit={Limit}&after={name(rows[Limit - 1])}" : null);
    }
}
