using System.Buffers;
using System.Text;
using ActivityHub.Ledger.Places;

namespace ActivityHub.Ledger.Updates;

/// <summary>One thing that a phone told, checked and ready to be appended.</summary>
public sealed record NewUpdate
{
    public const int MaxClientIdLength = 64;
    public const int MaxKindLength = 32;
    public const int MaxTitleLength = 200;

    /// <summary>The name by which readers know the entry, <c>urn:uuid:…</c>. Random: a time in it would tell when.</summary>
    public Guid EntryId { get; init; } = RandomId.New();

    /// <summary>Chosen by the phone; makes a repeat harmless.</summary>
    public string? ClientId { get; init; }

    /// <summary>Whether the phone itself has named it so; otherwise its id is a digest that the hub has made.</summary>
    public bool IsNamed { get; init; }

    public required string Kind { get; init; }

    /// <summary>When the phone saw it, with the phone's own offset; null = at its receipt.</summary>
    public DateTimeOffset? At { get; init; }

    public string? Title { get; init; }

    public Place? Location { get; init; }

    /// <summary>The cells of the update from which the hub has made this one; null = they are decided at the append.</summary>
    public PlaceCells? Cells { get; init; }

    /// <summary>A JSON object as the phone wrote it, valid UTF-8 without lone surrogates.</summary>
    public string? Data { get; init; }

    /// <summary>About how many bytes it takes in memory and on disk: groups are bounded by it.</summary>
    public int Weight => 160 + ((Data?.Length ?? 0) + (Title?.Length ?? 0));

    /// <summary>
    /// False where a text holds U+0000 or half of a surrogate pair: PostgreSQL refuses the one, no UTF-8 can write the other, and SQLite
    /// would keep something else than it was told.
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
