using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace ActivityHub.Workers.Settings;

/// <summary>The time for which short-lived records are kept: section <c>Retention</c>.</summary>
public sealed class RetentionOptions
{
    public const string Section = "Retention";

    /// <summary>Attempts of deliveries.</summary>
    /// <value>Default 7 days; 1 to 365.</value>
    [Range(1, 365)]
    public int AttemptDays { get; set; } = 7;

    /// <summary>Subscriptions that have ended.</summary>
    /// <value>Default 7 days; 1 to 365.</value>
    [Range(1, 365)]
    public int EndedSubscriptionDays { get; set; } = 7;

    /// <summary>
    /// Notices to owners. Long enough that no notice is sent twice about the same event: a suspension comes after 5 days.
    /// </summary>
    /// <value>Default 30 days; 7 to 365.</value>
    [Range(7, 365)]
    public int NoticeDays { get; set; } = 30;

    /// <summary>Receipts: which reader got which updates.</summary>
    /// <value>Default 90 days; 1 to 3,650.</value>
    [Range(1, 3650)]
    public int ReceiptDays { get; set; } = 90;

    /// <summary>Messages to phones, counted from their expiry: the sender of each is visible for so long.</summary>
    /// <value>Default 30 days; 1 to 365.</value>
    [Range(1, 365)]
    public int MessageDays { get; set; } = 30;

    /// <summary>What phones sent and could not be read: as it came, places and all.</summary>
    /// <value>Default 7 days; 1 to 90.</value>
    [Range(1, 90)]
    public int RejectedDays { get; set; } = 7;
}

[OptionsValidator]
internal sealed partial class RetentionOptionsValidator : IValidateOptions<RetentionOptions>;
