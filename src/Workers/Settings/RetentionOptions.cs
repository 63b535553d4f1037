using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace ActivityHub.Workers.Settings;

/// <summary>How long what is only of passing interest is kept: section <c>Retention</c>.</summary>
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

    /// <summary>Notices to owners. Long enough that what they are about is not told a second time: a suspension comes after 5 days.</summary>
    /// <value>Default 30 days; 7 to 365.</value>
    [Range(7, 365)]
    public int NoticeDays { get; set; } = 30;

    /// <summary>Receipts: who was told what.</summary>
    /// <value>Default 90 days; 1 to 3,650.</value>
    [Range(1, 3650)]
    public int ReceiptDays { get; set; } = 90;

    /// <summary>Messages to phones, once they would have expired: who sent what is seen for so long.</summary>
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
