using System.Globalization;
using ActivityHub.Ledger;
using ActivityHub.Ledger.Subscriptions;

namespace ActivityHub.Hub.Notices;

/// <summary>One thing that an owner is told about a subscription to a feed of theirs.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Kind">failing, suspended, leaseEnding, parked or ended.</param>
/// <param name="Subscription">Which subscription.</param>
/// <param name="Callback">Its callback; null once the subscription ended long ago and is forgotten.</param>
/// <param name="Feed">The feed.</param>
/// <param name="About">Since when it fails, when its lease ends, when it happened.</param>
/// <param name="At">When the notice was given.</param>
/// <param name="Message">The same for people, with what to do.</param>
internal sealed record NoticeAnswer(
    string Id, string Kind, string Subscription, string? Callback, string Feed, DateTime About, DateTime At, string Message)
{
    /// <param name="notice">Its row.</param>
    /// <param name="about">The subscription that it is about, as it is now; null where it is forgotten.</param>
    public static NoticeAnswer Of(Notice notice, Subscription? about)
    {
        var name = OpaqueId.Format(notice.SubscriptionId);
        var (kind, message) = Words(notice, about, name);
        return new NoticeAnswer(
            notice.Id.ToString(), kind, name, about?.Callback, OpaqueId.Format(notice.FeedId), notice.About.UtcDateTime,
            notice.At.UtcDateTime, message);
    }

    private static (string Kind, string Message) Words(Notice notice, Subscription? about, string name)
    {
        var time = notice.About.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);
        var path = $"/api/subscriptions/{name}";
        return notice.Kind switch
        {
            NoticeKind.Failing => ("failing",
                $"Deliveries have failed since {time}. The hub goes on trying; GET {path}/attempts shows what the callback answers."),
            NoticeKind.Suspended => ("suspended",
                $"Deliveries have failed since {time}: the subscription is suspended, and tried once an hour. Once the callback is mended, " +
                $"POST {path}/resume tries it at once; if it is no longer wanted, DELETE {path} ends it."),
            NoticeKind.LeaseEnding => ("leaseEnding",
                $"Its lease ends at {time} and has not been renewed: unless its subscriber subscribes again before, deliveries stop then."),
            NoticeKind.Parked => ("parked",
                $"An update was set aside at {time}, since the callback refuses it while it accepts others. GET {path}/parked shows its " +
                $"answer; once the callback is mended, POST {path}/redeliver sends it again, or DELETE {path}/parked/(seq) gives it up."),
            _ => ("ended", $"It ended at {time}: {WhyEnded(notice, about)}"),
        };
    }

    // The row may be in another life by now; then its state is not the one that is told of.
    private static string WhyEnded(Notice notice, Subscription? about) => about?.EndedAt == notice.About
        ? about.State switch
        {
            SubscriptionState.Gone => "the callback answered 410, which means that it wants no more. If that is a mistake, mend it and subscribe it again.",
            SubscriptionState.Expired => "its lease ran out and was not renewed. Its subscriber has to subscribe again, with hub.after if nothing is to be missed.",
            SubscriptionState.Broken => "its secret or topic could not be decrypted, and it is never sent unsigned. It has to be subscribed again; see to it that Hub:KeyFile is the one it was made with.",
            _ => "nothing more is delivered. It has to be subscribed again.",
        }
        : "nothing more was delivered to it from then on, unless it was subscribed again.";
}
