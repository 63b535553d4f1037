using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace ActivityHub.Ledger.Updates;

/// <summary>The options of ingest: section <c>Ingest</c>.</summary>
public sealed class IngestOptions
{
    public const string Section = "Ingest";

    /// <summary>The most requests that may wait for a group commit; one more gets a 503.</summary>
    /// <value>Default 2,048; 1 to 100,000.</value>
    [Range(1, 100_000)]
    public int QueuedRequests { get; set; } = 2048;

    /// <summary>The most bytes of updates that may wait, in MiB.</summary>
    /// <value>Default 64; 2 to 4,096.</value>
    [Range(2, 4096)]
    public int QueuedMebibytes { get; set; } = 64;

    /// <summary>The most requests in one group.</summary>
    /// <value>Default 128; 1 to 1,000.</value>
    [Range(1, 1000)]
    public int GroupRequests { get; set; } = 128;

    /// <summary>The most updates in one group; a request with more forms a group of its own.</summary>
    /// <value>Default 2,000; 1 to 20,000.</value>
    [Range(1, 20_000)]
    public int GroupUpdates { get; set; } = 2000;
}

[OptionsValidator]
internal sealed partial class IngestOptionsValidator : IValidateOptions<IngestOptions>;
