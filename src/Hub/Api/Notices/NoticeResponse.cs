using ActivityHub.Ledger;
using ActivityHub.Ledger.Subscriptions;

namespace ActivityHub.Hub.Api.Notices;

/// <summary>A notice about a subscription to a feed of the owner.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Kind">failing, suspended, leaseEnding, parked, refused or ended.</param>
/// <param name="Subscription">Which subscription.</param>
/// <param name="Callback">Its callback; null once the subscription ended long ago and is forgotten.</param>
/// <param name="Feed">The feed.</param>
/// <param name="About">The time that it is about: the start of the failures, the end of the lease, the event.</param>
/// <param name="At">The time of the notice.</param>
/// <param name="Message">The same for people, with what to do.</param>
internal sealed record NoticeResponse(
    string Id, string Kind, string Subscription, string? Callback, string Feed, DateTime About, DateTime At, string Message)
{
    /// <param name="notice">Its row.</param>
    /// <param name="about">The subscription that it is about, as it is now; null where it is forgotten.</param>
    public static NoticeResponse Of(Notice notice, Subscription? about)
    {
        var name = OpaqueId.Format(notice.SubscriptionId);
        var what = NoticeWords.What(notice, about);
        return new NoticeResponse(
            notice.Id.ToString(), NoticeWords.Kind(notice.Kind), name, about?.Callback, OpaqueId.Format(notice.FeedId),
            notice.About.UtcDateTime, notice.At.UtcDateTime,
            Advice(notice.Kind, $"/api/subscriptions/{name}") is { } advice ? $"{what} {advice}" : what);
    }

    private static string? Advice(NoticeKind kind, string path) => kind switch
    {
        NoticeKind.Failing => $"The hub goes on trying; GET {path}/attempts shows what the callback answers.",
        NoticeKind.Suspended =>
            $"Once the callback is mended, POST {path}/resume tries it at once; if it is no longer wanted, DELETE {path} ends it.",
        NoticeKind.Parked =>
            $"GET {path}/parked shows its answer; once the callback is mended, POST {path}/redeliver sends it again, or "
            + $"DELETE {path}/parked/(seq) gives it up.",
        NoticeKind.Refused =>
            $"GET {path}/attempts shows what the callback answered; once it accepts a test delivery, make the webhook again.",
        _ => null,
    };
}
