using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace ActivityHub.FeedApi.Settings;

/// <summary>How feeds are read: section <c>Reads</c>.</summary>
public sealed class ReadOptions
{
    public const string Section = "Reads";

    /// <summary>
    /// How much memory rendered documents may take, in MiB: an unchanged one is neither read from the log nor rendered again.
    /// </summary>
    /// <value>Default 64; 1 to 16,384.</value>
    [Range(1, 16_384)]
    public int CachedMebibytes { get; set; } = 64;
}

[OptionsValidator]
internal sealed partial class ReadOptionsValidator : IValidateOptions<ReadOptions>;
