using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace ActivityHub.Hub.Pages;

/// <summary>A place to try the hub without an account: section <c>Try</c>.</summary>
public sealed class TryOptions
{
    public const string Section = "Try";

    /// <summary>Whether visitors get a feed that lives an hour.</summary>
    /// <value>Default false; <c>--demo</c> sets it.</value>
    public bool Enabled { get; set; }

    /// <summary>How many such feeds there may be at a time.</summary>
    /// <value>Default 100; 1 to 10,000.</value>
    [Range(1, 10_000)]
    public int MostFeeds { get; set; } = 100;

    /// <summary>How many of them one client address, or /64 of IPv6, is given within an hour.</summary>
    /// <value>Default 10; 1 to 10,000.</value>
    [Range(1, 10_000)]
    public int MostFeedsPerClient { get; set; } = 10;
}

[OptionsValidator]
internal sealed partial class TryOptionsValidator : IValidateOptions<TryOptions>;
