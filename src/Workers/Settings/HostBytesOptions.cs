using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace ActivityHub.Workers.Settings;

/// <summary>The bytes that one account may send to one callback host: section <c>HostBytes</c>. Deliveries beyond the limit wait.</summary>
public sealed class HostBytesOptions
{
    public const string Section = "HostBytes";

    /// <summary>
    /// Of webhooks whose test delivery was accepted without echoing <c>Hub-Delivery</c>: all documents, in MiB an hour, for each account
    /// and host name and process; to all hosts together eight times as much.
    /// </summary>
    /// <value>Default 16; 1 to 1,000,000.</value>
    [Range(1, 1_000_000)]
    public int WebhookMebibytesPerHour { get; set; } = 16;

    /// <summary>
    /// The limit for callbacks that echoed a challenge, or <c>Hub-Delivery</c>: documents that show a topic's contents beside the new
    /// updates, in MiB an hour, for each account, host name and process.
    /// </summary>
    /// <value>Default 1,024; 1 to 1,000,000.</value>
    [Range(1, 1_000_000)]
    public int EchoedMebibytesPerHour { get; set; } = 1024;
}

[OptionsValidator]
internal sealed partial class HostBytesOptionsValidator : IValidateOptions<HostBytesOptions>;
