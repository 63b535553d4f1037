using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace ActivityHub.Hub.Apps;

/// <summary>Web apps: section <c>Apps</c>.</summary>
public sealed class AppOptions
{
    public const string Section = "Apps";

    /// <summary>Whether apps may register themselves at <c>/oauth/register</c> (RFC 7591), without an account.</summary>
    /// <value>Default <c>false</c>.</value>
    public bool DynamicRegistration { get; set; }

    /// <summary>How many apps an account may register.</summary>
    /// <value>Default 50; 0 to 1,000.</value>
    [Range(0, 1000)]
    public int MaxPerAccount { get; set; } = 50;

    /// <summary>How many apps that have registered themselves may wait for an owner to say yes to them.</summary>
    /// <value>Default 1,000; 1 to 1,000,000.</value>
    [Range(1, 1_000_000)]
    public int MaxSelfRegistered { get; set; } = 1000;
}

[OptionsValidator]
internal sealed partial class AppOptionsValidator : IValidateOptions<AppOptions>;
