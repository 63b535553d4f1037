using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace ActivityHub.Workers.Settings;

/// <summary>How callbacks are served: section <c>Deliveries</c>.</summary>
public sealed class DeliveryOptions
{
    public const string Section = "Deliveries";

    /// <summary>How long a connection to a callback may take.</summary>
    /// <value>Default 3 s; 100 ms to 1 min.</value>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00")]
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>How long one request may take in all.</summary>
    /// <value>Default 10 s; 100 ms to 2 min.</value>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:02:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>A callback that takes longer than this goes on alone, in the catch-up lane.</summary>
    /// <value>Default 1 s; 10 ms to 1 min.</value>
    [Range(typeof(TimeSpan), "00:00:00.01", "00:01:00")]
    public TimeSpan SlowAfter { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// For how long a shard or a subscription is claimed; at least twice <see cref="Timeout"/>, or nothing could be sent under it.
    /// </summary>
    /// <value>Default 30 s; 1 s to 10 min.</value>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How often leases are renewed.</summary>
    /// <value>Default 5 s; 100 ms to 1 min.</value>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00")]
    public TimeSpan RenewEvery { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>No request starts with less than its own timeout and this much left of its lease.</summary>
    /// <value>Default 5 s; 0 to 1 min.</value>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan LeaseMargin { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>After the first failure it is tried again so much later, then twice, four times … as much.</summary>
    /// <value>Default 5 s; 1 ms to 1 h.</value>
    [Range(typeof(TimeSpan), "00:00:00.001", "01:00:00")]
    public TimeSpan BackoffBase { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The longest time between two tries, even if the callback asks for more.</summary>
    /// <value>Default 1 h; 1 ms to 1 d.</value>
    [Range(typeof(TimeSpan), "00:00:00.001", "1.00:00:00")]
    public TimeSpan BackoffCap { get; set; } = TimeSpan.FromHours(1);

    /// <summary>
    /// The limit of concurrent requests in the express lane. Requests that take much longer than the others are not counted, up to eight
    /// times as many. A higher limit reaches distant callbacks faster, and makes an update of one feed wait longer behind those of another.
    /// </summary>
    /// <value>Default 64 for each processor; 1 to 20,000.</value>
    [Range(1, 20_000)]
    public int InFlight { get; set; } = Math.Min(64 * Environment.ProcessorCount, 20_000);

    /// <summary>How many subscriptions the catch-up lane serves at a time.</summary>
    /// <value>Default 256; 1 to 20,000.</value>
    [Range(1, 20_000)]
    public int CatchUpInFlight { get; set; } = 256;

    /// <summary>How many requests may be on their way to one host; the catch-up lane gets at most half of them.</summary>
    /// <value>Default 32; 2 to 1,000.</value>
    [Range(2, 1000)]
    public int PerHost { get; set; } = 32;

    /// <summary>After so many failures in a row to reach a host, or to be answered in time, nothing is sent there for a while.</summary>
    /// <value>Default 5; 1 to 1,000.</value>
    [Range(1, 1000)]
    public int BreakerFailures { get; set; } = 5;

    /// <summary>For how long, the first time; twice as long after each try that fails.</summary>
    /// <value>Default 5 s; 10 ms to 1 h.</value>
    [Range(typeof(TimeSpan), "00:00:00.01", "01:00:00")]
    public TimeSpan BreakerPause { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The longest time for which nothing is sent to a host that is out of reach.</summary>
    /// <value>Default 5 min; 10 ms to 1 d.</value>
    [Range(typeof(TimeSpan), "00:00:00.01", "1.00:00:00")]
    public TimeSpan BreakerMostPause { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// How many subscriptions of the express lane one process holds in memory, about; it takes no further shard above that.
    /// </summary>
    /// <value>Default 50,000; 100 to 10,000,000.</value>
    [Range(100, 10_000_000)]
    public int Riders { get; set; } = 50_000;

    /// <summary>How many shards one process delivers at a time.</summary>
    /// <value>Default 4,000; 1 to 100,000.</value>
    [Range(1, 100_000)]
    public int Shards { get; set; } = 4000;

    /// <summary>How many new updates one document holds.</summary>
    /// <value>Default 100; 1 to 1,000.</value>
    [Range(1, 1000)]
    public int MaxUpdates { get; set; } = 100;

    /// <summary>How large a document may get, in KiB; an update that is larger goes alone.</summary>
    /// <value>Default 512; 16 to 16,384.</value>
    [Range(16, 16_384)]
    public int MaxKibibytes { get; set; } = 512;

    /// <summary>The number of tries to verify a request with a callback that is down, before the request fails.</summary>
    /// <value>Default 10; 1 to 100.</value>
    [Range(1, 100)]
    public int VerificationTries { get; set; } = 10;

    /// <summary>For how long the owner can have the body of a POST shown; it is rendered again, not kept.</summary>
    /// <value>Default 1 d; 0 to 7 d.</value>
    [Range(typeof(TimeSpan), "00:00:00", "7.00:00:00")]
    public TimeSpan ShowSentFor { get; set; } = TimeSpan.FromDays(1);

    /// <summary>After so long no request that was on its way still is.</summary>
    internal TimeSpan OnTheWire => Timeout + TimeSpan.FromSeconds(2);
}

[OptionsValidator]
internal sealed partial class DeliveryOptionsValidator : IValidateOptions<DeliveryOptions>;

/// <summary>What the options have to say to one another.</summary>
internal sealed class DeliveryLeaseValidator : IValidateOptions<DeliveryOptions>
{
    public ValidateOptionsResult Validate(string? name, DeliveryOptions options)
    {
        var needed = options.Timeout + options.LeaseMargin + options.RenewEvery;
        return options.Lease > needed
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(
                $"Deliveries:Lease is {options.Lease}; it has to be longer than Timeout + LeaseMargin + RenewEvery ({needed}), or nothing "
                + "could be sent under it.");
    }
}
