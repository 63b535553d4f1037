using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace ActivityHub.Ledger.Updates;

/// <summary>How updates are taken: section <c>Ingest</c>.</summary>
public sealed class IngestOptions
{
    public const string Section = "Ingest";

    /// <summary>How many requests may wait for a group commit; one more gets a 503.</summary>
    /// <value>Default 2,048; 1 to 100,000.</value>
    [Range(1, 100_000)]
    public int QueuedRequests { get; set; } = 2048;

    /// <summary>How many bytes of updates may wait, in MiB.</summary>
    /// <value>Default 64; 2 to 4,096.</value>
    [Range(2, 4096)]
    public int QueuedMebibytes { get; set; } = 64;

    /// <summary>How many requests one group holds.</summary>
    /// <value>Default 128; 1 to 1,000.</value>
    [Range(1, 1000)]
    public int GroupRequests { get; set; } = 128;

    /// <summary>How many updates one group holds; a request with more goes alone.</summary>
    /// <value>Default 2,000; 1 to 20,000.</value>
    [Range(1, 20_000)]
    public int GroupUpdates { get; set; } = 2000;
}

[OptionsValidator]
internal sealed partial class IngestOptionsValidator : IValidateOptions<IngestOptions>;
