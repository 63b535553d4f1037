using System.Buffers;
using System.Text;
using ActivityHub.Ledger.Places;

namespace ActivityHub.Ledger.Updates;

/// <summary>An update from a phone, validated and ready to be appended.</summary>
public sealed record NewUpdate
{
    public const int MaxClientIdLength = 64;
    public const int MaxKindLength = 32;
    public const int MaxTitleLength = 200;

    /// <summary>The entry's id for readers, <c>urn:uuid:…</c>. Random: a time in it would reveal when the entry was made.</summary>
    public Guid EntryId { get; init; } = RandomId.New();

    /// <summary>The id that the phone chose; it makes a repeat harmless.</summary>
    public string? ClientId { get; init; }

    /// <summary>Whether the phone chose the id; otherwise the id is a digest made by the hub.</summary>
    public bool IsNamed { get; init; }

    public required string Kind { get; init; }

    /// <summary>The time of the observation, with the phone's own offset; null = the time of receipt.</summary>
    public DateTimeOffset? At { get; init; }

    public string? Title { get; init; }

    public Place? Location { get; init; }

    /// <summary>The cells of the update from which the hub derived this one; null = they are decided at the append.</summary>
    public PlaceCells? Cells { get; init; }

    /// <summary>The JSON object as the phone wrote it, valid UTF-8 without lone surrogates.</summary>
    public string? Data { get; init; }

    /// <summary>The approximate size in memory and on disk, in bytes; it limits the groups.</summary>
    public int Weight => 160 + ((Data?.Length ?? 0) + (Title?.Length ?? 0));

    /// <summary>
    /// Whether no text contains U+0000 or half of a surrogate pair. PostgreSQL refuses U+0000, UTF-8 cannot encode a lone surrogate, and
    /// SQLite would store a different text.
    /// </summary>
    internal bool IsUnicode => IsText(ClientId) && IsText(Kind) && IsText(Title) && IsText(Data);

    private static bool IsText(string? text)
    {
        if (text is null)
        {
            return true;
        }

        var rest = text.AsSpan();
        if (rest.Contains('\0'))
        {
            return false;
        }

        for (var next = rest.IndexOfAnyInRange('\ud800', '\udfff'); next >= 0; next = rest.IndexOfAnyInRange('\ud800', '\udfff'))
        {
            if (Rune.DecodeFromUtf16(rest[next..], out _, out var length) != OperationStatus.Done)
            {
                return false;
            }

            rest = rest[(next + length)..];
        }

        return true;
    }
}
