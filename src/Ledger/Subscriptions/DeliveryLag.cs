namespace ActivityHub.Ledger.Subscriptions;

/// <summary>How late deliveries are, over all processes that share the ledger.</summary>
/// <param name="Express">
/// The age, from its receipt, of the oldest update that a subscription of the express lane has yet to accept; zero where none has waited for
/// more than two seconds.
/// </param>
/// <param name="Behind">For how long the catch-up lane has owed a subscription that does not fail its next try.</param>
/// <param name="Retries">The same of subscriptions that fail: how overdue the most overdue retry is. Not how long they have failed.</param>
/// <param name="Failing">How many subscriptions fail at present, counted up to <see cref="MostFailing"/>.</param>
public sealed record DeliveryLag(TimeSpan Express, TimeSpan Behind, TimeSpan Retries, int Failing)
{
    public const int MostFailing = 10_000;

    /// <summary>What a callback that is down does not cause, and a hub that is too slow does.</summary>
    public TimeSpan Worst => Express > Behind ? Express : Behind;
}
