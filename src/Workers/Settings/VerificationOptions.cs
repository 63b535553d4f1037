using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace ActivityHub.Workers.Settings;

/// <summary>How callbacks are asked whether they meant it: section <c>Verifications</c>.</summary>
public sealed class VerificationOptions
{
    public const string Section = "Verifications";

    /// <summary>
    /// How many times in a row a host is called for callbacks that have never said yes; an address, whatever names lead there, four times as
    /// often. A callback that says yes gives its host all of it back.
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
