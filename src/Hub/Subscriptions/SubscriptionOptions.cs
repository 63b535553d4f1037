using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace ActivityHub.Hub.Subscriptions;

/// <summary>How requests of subscribers are taken: section <c>Subscriptions</c>.</summary>
public sealed class SubscriptionOptions
{
    public const string Section = "Subscriptions";

    /// <summary>How many requests may wait to be confirmed by the callbacks of one host; one more gets a 429.</summary>
    /// <value>Default 1,000; 1 to 1,000,000.</value>
    [Range(1, 1_000_000)]
    public int PendingPerHost { get; set; } = 1000;
}

[OptionsValidator]
internal sealed partial class SubscriptionOptionsValidator : IValidateOptions<SubscriptionOptions>;
