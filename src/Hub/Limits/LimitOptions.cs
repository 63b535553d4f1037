using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace ActivityHub.Hub.Limits;

/// <summary>How much one account may have, and how often one client or account may ask: section <c>Limits</c>.</summary>
public sealed class LimitOptions
{
    public const string Section = "Limits";

    /// <summary>How many devices an account may have.</summary>
    /// <value>Default 10,000; 1 to 10,000,000.</value>
    [Range(1, 10_000_000)]
    public int Devices { get; set; } = 10_000;

    /// <summary>How many grants a feed may have.</summary>
    /// <value>Default 1,000; 1 to 1,000,000.</value>
    [Range(1, 1_000_000)]
    public int GrantsPerFeed { get; set; } = 1000;

    /// <summary>The number of active subscriptions of a feed, over all subscribers.</summary>
    /// <value>Default 100,000; 1 to 10,000,000.</value>
    [Range(1, 10_000_000)]
    public int SubscriptionsPerFeed { get; set; } = 100_000;

    /// <summary>How many API tokens an account may have, and how many browsers may be signed in to it.</summary>
    /// <value>Default 100; 1 to 10,000.</value>
    [Range(1, 10_000)]
    public int Tokens { get; set; } = 100;

    /// <summary>How many requests one client address, or /64 of IPv6, may send in a row to the pages and the API of one process.</summary>
    /// <value>Default 2,000; 1 to 1,000,000.</value>
    [Range(1, 1_000_000)]
    public int ClientBurst { get; set; } = 2000;

    /// <summary>After that, how many a second.</summary>
    /// <value>Default 50; 1 to 100,000.</value>
    [Range(1, 100_000)]
    public int ClientPerSecond { get; set; } = 50;

    /// <summary>How many requests may be sent in a row in the name of one account, from wherever, to one process.</summary>
    /// <value>Default 2,000; 1 to 1,000,000.</value>
    [Range(1, 1_000_000)]
    public int AccountBurst { get; set; } = 2000;

    /// <summary>After that, how many a second.</summary>
    /// <value>Default 50; 1 to 100,000.</value>
    [Range(1, 100_000)]
    public int AccountPerSecond { get; set; } = 50;
}

[OptionsValidator]
internal sealed partial class LimitOptionsValidator : IValidateOptions<LimitOptions>;
