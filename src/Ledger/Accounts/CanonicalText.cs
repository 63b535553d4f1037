using System.Buffers;
using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace ActivityHub.Ledger.Accounts;

/// <summary>
/// Unicode normalization form C (UAX 15): one spelling of texts that look the same, from every keyboard. The tables are our own, since
/// <see cref="string.Normalize()"/> changes nothing where a process runs with invariant globalization, as ours do.
/// </summary>
public static class CanonicalText
{
    private const char FirstThatMayChange = '\u0300';

    // Hangul syllables are computed (The Unicode Standard, 3.12).
    private const int SyllableBase = 0xAC00;
    private const int LeadBase = 0x1100;
    private const int VowelBase = 0x1161;
    private const int TrailBase = 0x11A7;
    private const int Leads = 19;
    private const int Vowels = 21;
    private const int Trails = 28;

    private static readonly SearchValues<char> Settled = SearchValues.Create(
        [.. Enumerable.Range(0, FirstThatMayChange).Select(point => (char)point)]);
    private static readonly Lazy<Tables> Known = new(Tables.Read);

    /// <summary>The text in form C; as it is where it holds half of a surrogate pair, and so is no text.</summary>
    public static string Compose(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return TryDecompose(text) is { } points ? ToText(Composed(points)) : text;
    }

    /// <summary>The text in form D, in which accents stand apart.</summary>
    public static string Decompose(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return TryDecompose(text, always: true) is { } points ? ToText(points) : text;
    }

    private static List<int>? TryDecompose(string text, bool always = false)
    {
        if (!always && !text.AsSpan().ContainsAnyExcept(Settled))
        {
            return null;
        }

        var points = new List<int>(text.Length + 8);
        for (var at = 0; at < text.Length;)
        {
            if (Rune.DecodeFromUtf16(text.AsSpan(at), out var rune, out var length) != OperationStatus.Done)
            {
                return null;
            }

            Add(points, rune.Value);
            at += length;
        }

        Order(points);
        return points;
    }

    private static void Add(List<int> points, int point)
    {
        if (point - SyllableBase is >= 0 and < Leads * Vowels * Trails and var syllable)
        {
            points.Add(LeadBase + (syllable / (Vowels * Trails)));
            points.Add(VowelBase + (syllable % (Vowels * Trails) / Trails));
            if (syllable % Trails is > 0 and var trail)
            {
                points.Add(TrailBase + trail);
            }
        }
        else if (Known.Value.Parts.TryGetValue(point, out var parts))
        {
            Add(points, parts.First);
            if (parts.Second != 0)
            {
                Add(points, parts.Second);
            }
        }
        else
        {
            points.Add(point);
        }
    }

    // Marks in a row by their class; equal ones stay as they stand.
    private static void Order(List<int> points)
    {
        for (var index = 1; index < points.Count; index++)
        {
            var (point, kind) = (points[index], ClassOf(points[index]));
            var at = index;
            for (; kind > 0 && at > 0 && ClassOf(points[at - 1]) > kind; at--)
            {
                points[at] = points[at - 1];
            }

            points[at] = point;
        }
    }

    private static List<int> Composed(List<int> points)
    {
        var result = new List<int>(points.Count);
        var (starter, last) = (-1, -1);
        foreach (var point in points)
        {
            var kind = ClassOf(point);
            // Nothing of the same class or higher, and no starter, may stand between the two.
            if (starter >= 0 && (last < kind || last == 0) && Pair(result[starter], point) is { } pair)
            {
                result[starter] = pair;
                continue;
            }

            if (kind == 0)
            {
                starter = result.Count;
            }

            last = kind;
            result.Add(point);
        }

        return result;
    }

    private static int? Pair(int first, int second)
    {
        if (first - LeadBase is >= 0 and < Leads and var lead && second - VowelBase is >= 0 and < Vowels and var vowel)
        {
            return SyllableBase + (((lead * Vowels) + vowel) * Trails);
        }

        if (first - SyllableBase is >= 0 and < Leads * Vowels * Trails and var syllable && syllable % Trails == 0 &&
            second - TrailBase is > 0 and < Trails and var trail)
        {
            return SyllableBase + syllable + trail;
        }

        return Known.Value.Pairs.TryGetValue((first, second), out var whole) ? whole : null;
    }

    private static int ClassOf(int point) => Known.Value.Classes.GetValueOrDefault(point);

    private static string ToText(List<int> points)
    {
        var text = new StringBuilder(points.Count);
        foreach (var point in points)
        {
            text.Append(char.ConvertFromUtf32(point));
        }

        return text.ToString();
    }

    private sealed record Tables(
        FrozenDictionary<int, (int First, int Second)> Parts, FrozenDictionary<(int First, int Second), int> Pairs,
        FrozenDictionary<int, int> Classes)
    {
        public static Tables Read()
        {
            var parts = new Dictionary<int, (int, int)>();
            var pairs = new Dictionary<(int, int), int>();
            var classes = new Dictionary<int, int>();
            using var reader = new StreamReader(typeof(CanonicalText).Assembly.GetManifestResourceStream("canonical.txt")!);
            while (reader.ReadLine() is { } line)
            {
                if (line.StartsWith('#'))
                {
                    continue;
                }

                var words = line[2..].Split(' ').Select(word => int.Parse(word, NumberStyles.HexNumber, CultureInfo.InvariantCulture))
                    .ToArray();
                if (line[0] == 'C')
                {
                    for (var point = words[0]; point <= words[1]; point++)
                    {
                        classes[point] = words[2];
                    }

                    continue;
                }

                parts[words[0]] = (words[1], words.Length > 2 ? words[2] : 0);
                if (line[0] == 'D')
                {
                    pairs[(words[1], words[2])] = words[0];
                }
            }

            return new Tables(parts.ToFrozenDictionary(), pairs.ToFrozenDictionary(), classes.ToFrozenDictionary());
        }
    }
}
