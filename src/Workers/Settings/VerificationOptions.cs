using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace ActivityHub.Workers.Settings;

/// <summary>Limits of the verification of callbacks: section <c>Verifications</c>.</summary>
public sealed class VerificationOptions
{
    public const string Section = "Verifications";

    /// <summary>
    /// The number of calls in a row to a host name for callbacks that have never confirmed; for an address, whatever names resolve to it,
    /// four times as many. A callback that confirms refills its host's bucket.
    /// </summary>
    /// <value>Default 32; 1 to 100,000.</value>
    [Range(1, 100_000)]
    public int StrangerBurst { get; set; } = 32;

    /// <summary>After that, how many times a minute.</summary>
    /// <value>Default 6; 1 to 1,000,000.</value>
    [Range(1, 1_000_000)]
    public int StrangerPerMinute { get; set; } = 6;
}

[OptionsValidator]
internal sealed partial class VerificationOptionsValidator : IValidateOptions<VerificationOptions>;
