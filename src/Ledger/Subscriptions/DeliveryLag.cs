namespace ActivityHub.Ledger.Subscriptions;

/// <summary>The lag of deliveries, over all processes that share the ledger.</summary>
/// <param name="Express">
/// The age, since its receipt, of the oldest update that a subscription in the express lane has not accepted yet; zero if no update has
/// waited for more than two seconds.
/// </param>
/// <param name="Behind">
/// The time by which the most overdue try of a subscription in the catch-up lane is late, without failing subscriptions.
/// </param>
/// <param name="Retries">
/// The time by which the most overdue retry of a failing subscription is late. It is not the time for which the subscription has failed.
/// </param>
/// <param name="Failing">The number of subscriptions that fail at present, counted up to <see cref="MostFailing"/>.</param>
public sealed record DeliveryLag(TimeSpan Express, TimeSpan Behind, TimeSpan Retries, int Failing)
{
    public const int MostFailing = 10_000;

    /// <summary>The greater of the lags that a slow hub causes; a callback that is down does not affect them.</summary>
    public TimeSpan Worst => Express > Behind ? Express : Behind;
}
