using ActivityHub.Ledger.Grants;
using ActivityHub.Ledger.Places;
using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Ledger.Updates;
using ActivityHub.Web;

namespace ActivityHub.Hub.Api.Grants;

/// <summary>The view of a grant in a request; an absent member is null, and the body records which members were present.</summary>
internal sealed record ViewRequest(
    bool SaysKinds, string? Kinds, Precision? Precision, bool SaysFrom, DateTimeOffset? From, bool SaysTo, DateTimeOffset? To,
    int? DelaySeconds)
{
    private const int MaxKinds = 50;
    private const int MaxDelay = 366 * 86_400;

    /// <summary>Faults are left in the body.</summary>
    public static ViewRequest Read(JsonBody body)
    {
        var saysKinds = body.Has("kinds");
        var kinds = body.Words(
            "kinds", $"an array of 1 to {MaxKinds} kinds, each of 1 to 32 characters of a-z 0-9 . _ -, or null for all", MaxKinds,
            word => Kind.IsValid(word));
        var (saysFrom, from) = (body.Has("from"), body.Time("from"));
        var (saysTo, to) = (body.Has("to"), body.Time("to"));
        if (from >= to)
        {
            body.Refuse("to", "to is not later than from; a stretch of time has a beginning before its end.");
        }

        return new ViewRequest(
            saysKinds, kinds is not null && Topic.TryReadKinds(kinds, out var sorted) ? sorted : null, PrecisionWords.Read(body), saysFrom,
            from, saysTo, to, body.Number("delaySeconds", 0, MaxDelay));
    }

    /// <summary>Sets the present members in the grant; the others stay. False where the range of time would end before it begins.</summary>
    public bool TryApplyTo(Grant grant)
    {
        grant.Limit(SaysKinds ? Kinds : grant.Kinds, Precision ?? grant.Precision);
        grant.Show(SaysFrom ? From : grant.From, SaysTo ? To : grant.To, DelaySeconds ?? grant.DelaySeconds);
        return !(grant.From >= grant.To);
    }
}
