using System.Collections.Frozen;
using System.Text.Json;

namespace ActivityHub.FeedApi.Intake.Parsing;

/// <summary>
/// Stores the members of a message that its format does not know, under their names: the client that added them needs them.
/// </summary>
internal static class RestOfObject
{
    private const int MaxName = 100;

    /// <param name="data">Receives the members.</param>
    /// <param name="item">The object.</param>
    /// <param name="known">Names that have been read, or are useless to a reader; names that begin with an underscore belong to the
    /// format.</param>
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

    /// <summary>Returns the name; null where it contains half of a surrogate pair and cannot be stored.</summary>
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
