using ActivityHub.Ledger.Grants;
using ActivityHub.Web;

namespace ActivityHub.Hub.Api.Grants;

/// <summary>Changes of a grant; an absent member stays.</summary>
internal sealed record GrantChange(string? Name, ViewRequest View, bool ChangesUntil, DateTimeOffset? Until, GrantRights? Rights)
{
    /// <summary>Faults are left in the body.</summary>
    public static GrantChange Read(JsonBody body, DateTimeOffset now)
    {
        var name = body.Text("name", 1, Grant.MaxNameLength, required: body.Has("name"));
        var changesUntil = body.Has("until");
        return new GrantChange(
            name, ViewRequest.Read(body), changesUntil, GrantRequest.ReadUntil(body, now), GrantRequest.ReadRights(body));
    }

    /// <summary>False where the stretch of time would end before it begins.</summary>
    public bool TryApplyTo(Grant grant)
    {
        if (Name is not null)
        {
            grant.Rename(Name);
        }

        if (ChangesUntil)
        {
            grant.EndAt(Until);
        }

        if (Rights is { } rights)
        {
            grant.Allow(rights);
        }

        return View.TryApplyTo(grant);
    }
}
