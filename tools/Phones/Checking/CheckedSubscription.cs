using ActivityHub.Phones.Listening;

namespace ActivityHub.Phones.Checking;

/// <summary>One subscription under check: what was asked for, where it arrives, and what it is held against.</summary>
internal sealed record CheckedSubscription(SubscriptionRequest Request, Callback Callback, SubscriptionCheck Check);
