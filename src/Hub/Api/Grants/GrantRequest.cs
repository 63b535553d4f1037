using ActivityHub.Ledger.Grants;
using ActivityHub.Ledger.Places;
using ActivityHub.Web;

namespace ActivityHub.Hub.Api.Grants;

/// <summary>A new grant.</summary>
internal sealed record GrantRequest(string Name, bool IsPublic, ViewRequest View, DateTimeOffset? Until, GrantRights Rights)
{
    private const GrantRights DefaultRights = GrantRights.Read | GrantRights.Subscribe;

    /// <summary>
    /// Faults are left in the body. Unless it says otherwise, a grant shows the whole feed, and a public one places to 1 km and nothing of
    /// the past.
    /// </summary>
    public static GrantRequest Read(JsonBody body, DateTimeOffset now)
    {
        var name = body.Text("name", 1, Grant.MaxNameLength, required: true);
        var isPublic = body.Flag("public") ?? false;
        var view = ViewRequest.Read(body);
        if (isPublic)
        {
            view = view with { Precision = view.Precision ?? Precision.Kilometre, SaysFrom = true, From = view.SaysFrom ? view.From : now };
            if (view.From >= view.To)
            {
                body.Refuse("to", "to is not in the future, and a public grant begins now unless from says otherwise.");
            }
        }

        var rights = ReadRights(body) ?? DefaultRights;
        if (isPublic && rights.HasFlag(GrantRights.Reply))
        {
            body.Refuse(
                "rights",
                "A public grant has no key by which its owner could tell who replies; leave reply out, or give a grant with a key.");
        }

        return new GrantRequest(name ?? "", isPublic, view, ReadUntil(body, now), rights);
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
        var words = body.Words("rights", [.. GrantResponse.Words.Select(word => word.Word)]);
        if (words is null)
        {
            return null;
        }

        return GrantResponse.Words.Where(word => words.Contains(word.Word))
            .Aggregate(GrantRights.None, (rights, word) => rights | word.Right);
    }
}

/// <summary>The body of a new grant, for the API's description.</summary>
/// <param name="Name">1 to 100 characters.</param>
/// <param name="Public">True = no key.</param>
/// <param name="Kinds">The visible kinds; null = all.</param>
/// <param name="Precision">The precision of places: exact (default), 100m, 1km (default of a public grant), 10km or none.</param>
/// <param name="From">The earliest visible time of receipt; null = no limit. A public grant begins now if absent.</param>
/// <param name="To">The latest visible time of receipt; null = no limit.</param>
/// <param name="DelaySeconds">The delay after its receipt with which an update is visible.</param>
/// <param name="Until">The end of the grant.</param>
/// <param name="Rights">Any of read, subscribe and reply; read and subscribe if absent.</param>
internal sealed record GrantBody(
    string Name, bool? Public, string[]? Kinds, string? Precision, DateTime? From, DateTime? To, int? DelaySeconds, DateTime? Until,
    string[]? Rights);

/// <summary>The changeable members of a grant; an absent one stays.</summary>
/// <param name="Name">1 to 100 characters.</param>
/// <param name="Kinds">The visible kinds; null = all.</param>
/// <param name="Precision">exact, 100m, 1km, 10km or none.</param>
/// <param name="From">The earliest visible time of receipt; null = no limit.</param>
/// <param name="To">The latest visible time of receipt; null = no limit.</param>
/// <param name="DelaySeconds">The delay after its receipt with which an update is visible.</param>
/// <param name="Until">The end of the grant; null = no end.</param>
/// <param name="Rights">Any of read, subscribe and reply.</param>
internal sealed record GrantChangeBody(
    string? Name, string[]? Kinds, string? Precision, DateTime? From, DateTime? To, int? DelaySeconds, DateTime? Until, string[]? Rights);
