using ActivityHub.Ledger.Places;
using ActivityHub.Web;

namespace ActivityHub.Hub.Api.Grants;

/// <summary>The precisions by their names, as owners and apps write them.</summary>
internal static class PrecisionWords
{
    /// <summary>From the most exact to none.</summary>
    public static IReadOnlyList<(string Word, Precision Precision)> All { get; } =
    [
        ("exact", Precision.Exact), ("100m", Precision.HundredMetres), ("1km", Precision.Kilometre), ("10km", Precision.TenKilometres),
        ("none", Precision.None),
    ];

    public static string Of(Precision precision) => All.First(known => known.Precision == precision).Word;

    /// <summary>Null where the member <c>precision</c> is missing; a word that is none is refused.</summary>
    public static Precision? Read(JsonBody body)
    {
        var word = body.Text("precision", 1, 10, required: false);
        if (word is null)
        {
            return null;
        }

        foreach (var (known, precision) in All)
        {
            if (known == word)
            {
                return precision;
            }
        }

        body.Refuse("precision", $"precision must be one of {string.Join(", ", All.Select(known => known.Word))}.");
        return null;
    }
}
