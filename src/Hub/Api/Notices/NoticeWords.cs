using System.Globalization;
using ActivityHub.Ledger.Subscriptions;

namespace ActivityHub.Hub.Api.Notices;

/// <summary>What a notice says to people, on a page as in the API.</summary>
internal static class NoticeWords
{
    public static string Kind(NoticeKind kind) => kind switch
    {
        NoticeKind.Failing => "failing",
        NoticeKind.Suspended => "suspended",
        NoticeKind.LeaseEnding => "leaseEnding",
        NoticeKind.Parked => "parked",
        NoticeKind.Refused => "refused",
        _ => "ended",
    };

    /// <param name="notice">Its row.</param>
    /// <param name="about">The subscription that it is about, as it is now; null where it is forgotten.</param>
    public static string What(Notice notice, Subscription? about)
    {
        var time = notice.About.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);
        return notice.Kind switch
        {
            NoticeKind.Failing => $"Deliveries have failed since {time}.",
            NoticeKind.Suspended => $"Deliveries have failed since {time}: the subscription is suspended, and tried once an hour.",
            NoticeKind.LeaseEnding =>
                $"Its lease ends at {time} and has not been renewed: unless its subscriber subscribes again before, deliveries stop then.",
            NoticeKind.Parked => $"An update was set aside at {time}, since the callback refuses it while it accepts others.",
            NoticeKind.Refused => $"Its test delivery was not accepted at {time}, so the webhook, or the change to it, does not hold.",
            _ => $"It ended at {time}: {WhyEnded(notice, about)}",
        };
    }

    // The row may have been renewed since; then its state is not the one of the notice.
    private static string WhyEnded(Notice notice, Subscription? about) => about?.EndedAt == notice.About
        ? about.State switch
        {
            SubscriptionState.Gone =>
                "the callback answered 410, which means that it wants no more. If that is a mistake, mend it and subscribe it again.",
            SubscriptionState.Expired =>
                "its lease ran out and was not renewed. Its subscriber has to subscribe again, with hub.after if nothing is to be missed.",
            SubscriptionState.Broken =>
                "its secret or topic could not be decrypted, and it is never sent unsigned. It has to be subscribed again; see to it that "
                + "Hub:KeyFile is the one it was made with.",
            _ => "nothing more is delivered. It has to be subscribed again.",
        }
        : "nothing more was delivered to it from then on, unless it was subscribed again.";
}
