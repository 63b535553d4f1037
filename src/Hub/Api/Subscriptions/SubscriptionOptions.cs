using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace ActivityHub.Hub.Api.Subscriptions;

/// <summary>How requests of subscribers are taken: section <c>Subscriptions</c>.</summary>
public sealed class SubscriptionOptions
{
    public const string Section = "Subscriptions";

    /// <summary>
    /// The number of requests that may wait for confirmation by the callbacks of one host, over all ports; one more gets a 429.
    /// </summary>
    /// <value>Default 1,000; 1 to 1,000,000.</value>
    [Range(1, 1_000_000)]
    public int PendingPerHost { get; set; } = 1000;

    /// <summary>How many requests may wait to be confirmed in all; one more gets a 429.</summary>
    /// <value>Default 100,000; 1 to 10,000,000.</value>
    [Range(1, 10_000_000)]
    public int Pending { get; set; } = 100_000;

    /// <summary>
    /// How many requests to <c>/hub</c> one client address, or /64 of IPv6, may send in a row, to one process; one more gets a 429.
    /// </summary>
    /// <value>Default 1,000; 1 to 1,000,000.</value>
    [Range(1, 1_000_000)]
    public int ClientBurst { get; set; } = 1000;

    /// <summary>After that, how many a second.</summary>
    /// <value>Default 20; 1 to 100,000.</value>
    [Range(1, 100_000)]
    public int ClientPerSecond { get; set; } = 20;

    /// <summary>
    /// The number of requests to subscribe to one feed that one process accepts in a row, from all clients; one more gets a 429.
    /// </summary>
    /// <value>Default 2,000; 1 to 1,000,000.</value>
    [Range(1, 1_000_000)]
    public int TopicBurst { get; set; } = 2000;

    /// <summary>After that, how many a second.</summary>
    /// <value>Default 50; 1 to 100,000.</value>
    [Range(1, 100_000)]
    public int TopicPerSecond { get; set; } = 50;

    /// <summary>
    /// The time after a verification in which its callback is not called again about the same topic, over all processes. A request in that
    /// time waits, and the next one replaces it.
    /// </summary>
    /// <value>Default 10 s; 0 (every request is asked about at once) to 1 h.</value>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan VerificationPause { get; set; } = TimeSpan.FromSeconds(10);
}

[OptionsValidator]
internal sealed partial class SubscriptionOptionsValidator : IValidateOptions<SubscriptionOptions>;
