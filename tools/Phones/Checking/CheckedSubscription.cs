using ActivityHub.Phones.Listening;

namespace ActivityHub.Phones.Checking;

/// <summary>One subscription under check: its request, its callback, and the check of its deliveries.</summary>
internal sealed record CheckedSubscription(SubscriptionRequest Request, Callback Callback, SubscriptionCheck Check);
