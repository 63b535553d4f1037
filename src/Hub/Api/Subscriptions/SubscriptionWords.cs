using ActivityHub.Ledger.Subscriptions;

namespace ActivityHub.Hub.Api.Subscriptions;

/// <summary>States and lanes as the API names them.</summary>
internal static class SubscriptionWords
{
    // A chore writes the end to the row, but a lease ends at its time (WebSub §5.3.1).
    public static string Of(Subscription row, DeliveryCursor? cursor, DateTimeOffset now) => row.State switch
    {
        SubscriptionState.Active when row.LeaseUntil <= now => "expired",
        SubscriptionState.Active => Suspension.Holds(cursor?.FailingSince, now) ? "suspended" : "active",
        SubscriptionState.Expired => "expired",
        SubscriptionState.Unsubscribed => "unsubscribed",
        SubscriptionState.Gone => "gone",
        SubscriptionState.Denied => "denied",
        SubscriptionState.Pending => "pending",
        _ => "broken",
    };

    public static string Of(Lane lane) => lane == Lane.Express ? "express" : "catchUp";

    /// <summary>Returns null while it is active; otherwise the reason why its deliveries take no commands.</summary>
    public static string? WhyNotServed(Subscription row, DateTimeOffset now) => Of(row, null, now) switch
    {
        "active" => null,
        "pending" => "This subscription is pending: nothing is delivered before its callback has accepted the test delivery.",
        var state => $"This subscription is {state}: nothing is delivered to it any more.",
    };
}
