using ActivityHub.Hub.Owners;
using ActivityHub.Ledger.Access;

namespace ActivityHub.Hub.Grants;

/// <summary>What an owner wants to give to somebody.</summary>
internal sealed record GrantRequest(string Name, bool IsPublic, DateTimeOffset? From, DateTimeOffset? Until, GrantRights Rights)
{
    private const GrantRights DefaultRights = GrantRights.Read | GrantRights.Subscribe;
    private static readonly string[] Precisions = ["exact", "100m", "1km", "10km", "none"];

    /// <summary>
    /// Faults are left in the body. A view that is finer than the whole feed cannot be given yet; it is refused, since a grant that shows
    /// more than its owner meant would be worse than none.
    /// </summary>
    public static GrantRequest Read(JsonBody body, DateTimeOffset now)
    {
        var name = body.Text("name", 1, Grant.MaxNameLength, required: true);
        var isPublic = body.Flag("public") ?? false;
        RefuseFinerViews(body, isPublic);
        return new GrantRequest(name ?? "", isPublic, ReadFrom(body, isPublic), ReadUntil(body, now), ReadRights(body) ?? DefaultRights);
    }

    /// <summary>The grant's own end: later than now.</summary>
    public static DateTimeOffset? ReadUntil(JsonBody body, DateTimeOffset now)
    {
        var until = body.Time("until");
        if (until <= now)
        {
            body.Refuse("until", "until is not in the future; DELETE takes a grant back at once.");
        }

        return until;
    }

    public static GrantRights? ReadRights(JsonBody body)
    {
        var words = body.Words("rights", [.. GrantAnswer.Words.Select(word => word.Word)]);
        if (words is null)
        {
            return null;
        }

        if (words.Contains("reply"))
        {
            body.Refuse("rights", "The right to reply is not supported yet; send read, subscribe or both.");
        }

        return GrantAnswer.Words.Where(word => words.Contains(word.Word))
            .Aggregate(GrantRights.None, (rights, word) => rights | word.Right);
    }

    private static void RefuseFinerViews(JsonBody body, bool isPublic)
    {
        if (body.Has("kinds") && !body.IsNull("kinds"))
        {
            body.Refuse("kinds", "A grant of some kinds only is not supported yet; leave kinds out, or send null for all.");
        }

        if (body.Has("to") && !body.IsNull("to"))
        {
            body.Refuse("to", "A grant of a stretch of time is not supported yet; leave to out.");
        }

        if (body.Number("delaySeconds", 0, 366 * 86_400) > 0)
        {
            body.Refuse("delaySeconds", "A delayed view is not supported yet; leave delaySeconds out, or send 0.");
        }

        var precision = body.Text("precision", 1, 10, required: false);
        if (precision is not null && !Precisions.Contains(precision))
        {
            body.Refuse("precision", $"precision must be one of {string.Join(", ", Precisions)}.");
        }
        else if (precision is not null and not "exact")
        {
            body.Refuse("precision", "A view that is less exact is not supported yet; send \"exact\" if that is what you want to give.");
        }
        else if (precision is null && isPublic)
        {
            body.Refuse("precision",
                "A public grant shows places to 1 km unless told otherwise, which is not supported yet; " +
                "send \"precision\": \"exact\" if everybody may see exact places.");
        }
    }

    private static DateTimeOffset? ReadFrom(JsonBody body, bool isPublic)
    {
        if (isPublic && !body.Has("from"))
        {
            body.Refuse("from", "Say what of the past everybody may see: \"from\" with a time, for example now, or null for everything from the beginning.");
        }

        var from = body.Time("from");
        if (from is not null && !isPublic)
        {
            body.Refuse("from", "A grant of a stretch of time is not supported yet for a grant with a key; leave from out.");
        }

        return from;
    }
}

/// <summary>The body of a new grant, for the API's description.</summary>
/// <param name="Name">1 to 100 characters.</param>
/// <param name="Public">True = no key; then precision and from must be said.</param>
/// <param name="Precision">exact; others are not supported yet.</param>
/// <param name="From">For a public grant: since when; null = from the beginning.</param>
/// <param name="Until">When the grant ends by itself.</param>
/// <param name="Rights">Of read and subscribe; both unless said.</param>
internal sealed record GrantBody(string Name, bool? Public, string? Precision, DateTime? From, DateTime? Until, string[]? Rights);

/// <summary>What of a grant can be changed; a member that is left out stays.</summary>
/// <param name="Name">1 to 100 characters.</param>
/// <param name="Until">When the grant ends by itself; null = no end.</param>
/// <param name="Rights">Of read and subscribe.</param>
internal sealed record GrantChangeBody(string? Name, DateTime? Until, string[]? Rights);
