using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace ActivityHub.Ledger.Subscriptions;

/// <summary>The options of the delivery lag, in section <c>Deliveries</c>.</summary>
public sealed class DeliveryLagOptions
{
    public const string Section = "Deliveries";

    /// <summary>
    /// A process that delivers is not ready while an update has waited for longer than this. Failing callbacks do not count.
    /// </summary>
    /// <value>Default 1 min; 0 to 1 d. 0 = never.</value>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan ReadyLag { get; set; } = TimeSpan.FromMinutes(1);
}

[OptionsValidator]
internal sealed partial class DeliveryLagOptionsValidator : IValidateOptions<DeliveryLagOptions>;
