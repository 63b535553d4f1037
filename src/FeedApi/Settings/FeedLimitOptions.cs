using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace ActivityHub.FeedApi.Settings;

/// <summary>
/// How often one phone may write, and one client or grant may read, each process: section <c>Limits</c>, together with the Hub role's.
/// </summary>
public sealed class FeedLimitOptions
{
    public const string Section = "Limits";

    /// <summary>
    /// The number of requests that a phone may send in a row, whatever their contents: a day's file of an app is thousands of requests.
    /// </summary>
    /// <value>Default 6,000; 1 to 1,000,000.</value>
    [Range(1, 1_000_000)]
    public int DeviceBurst { get; set; } = 6000;

    /// <summary>After that, how many a minute.</summary>
    /// <value>Default 6,000; 1 to 6,000,000.</value>
    [Range(1, 6_000_000)]
    public int DevicePerMinute { get; set; } = 6000;

    /// <summary>How many reads one client address, or /64 of IPv6, may send in a row.</summary>
    /// <value>Default 6,000; 1 to 1,000,000.</value>
    [Range(1, 1_000_000)]
    public int ReaderBurst { get; set; } = 6000;

    /// <summary>After that, how many a minute.</summary>
    /// <value>Default 6,000; 1 to 6,000,000.</value>
    [Range(1, 6_000_000)]
    public int ReaderPerMinute { get; set; } = 6000;

    /// <summary>
    /// The number of reads in a row with the key of one grant, from all addresses. A public grant has no key and is not counted.
    /// </summary>
    /// <value>Default 6,000; 1 to 1,000,000.</value>
    [Range(1, 1_000_000)]
    public int GrantBurst { get; set; } = 6000;

    /// <summary>After that, how many a minute.</summary>
    /// <value>Default 6,000; 1 to 6,000,000.</value>
    [Range(1, 6_000_000)]
    public int GrantPerMinute { get; set; } = 6000;

    /// <summary>
    /// How many requests that open nothing one client may send, in a row and then a minute; a right key opens all the same.
    /// </summary>
    /// <value>Default 60; 1 to 1,000,000.</value>
    [Range(1, 1_000_000)]
    public int WrongKeysPerMinute { get; set; } = 60;

    /// <summary>How many streams may be open under one grant, public or not.</summary>
    /// <value>Default 1,000; 1 to 1,000,000.</value>
    [Range(1, 1_000_000)]
    public int StreamsPerGrant { get; set; } = 1000;

    /// <summary>How many streams may be open of all feeds of one account: its readers', its inboxes' and its own.</summary>
    /// <value>Default 2,000; 1 to 1,000,000.</value>
    [Range(1, 1_000_000)]
    public int StreamsPerAccount { get; set; } = 2000;

    /// <summary>How many streams one client may hold open.</summary>
    /// <value>Default 100; 1 to 1,000,000.</value>
    [Range(1, 1_000_000)]
    public int StreamsPerClient { get; set; } = 100;
}

[OptionsValidator]
internal sealed partial class FeedLimitOptionsValidator : IValidateOptions<FeedLimitOptions>;
