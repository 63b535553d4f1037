using System.Collections.Frozen;
using System.Text.Json;

namespace ActivityHub.FeedApi.Intake.Parsing;

/// <summary>What a message holds beyond what its format is known to hold: kept under its name, since whoever has added it wants to have it.</summary>
internal static class RestOfObject
{
    private const int MaxName = 100;

    /// <param name="data">Where it is added to.</param>
    /// <param name="item">The object.</param>
    /// <param name="known">Names that have been read, or are of no use to anybody; names that begin with an underscore are the format's own.</param>
    public static DataText AddRest(this DataText data, JsonElement item, FrozenSet<string> known)
    {
        foreach (var member in item.EnumerateObject())
        {
            if (NameOf(member) is { Length: > 0 and <= MaxName } name && name[0] != '_' && !known.Contains(name))
            {
                data.Add(name, member.Value);
            }
        }

        return data;
    }

    /// <summary>Null where half of a surrogate pair is in it: nothing that could be kept.</summary>
    public static string? NameOf(JsonProperty member)
    {
        try
        {
            return member.Name.Replace('\0', '\uFFFD');
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }
}
