using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace ActivityHub.FeedApi.Settings;

/// <summary>How feeds are followed live: section <c>Streams</c>.</summary>
public sealed class StreamOptions
{
    public const string Section = "Streams";

    /// <summary>How many streams this process holds open; one more gets a 503.</summary>
    /// <value>Default 10,000; 1 to 1,000,000.</value>
    [Range(1, 1_000_000)]
    public int MaxStreams { get; set; } = 10_000;

    /// <summary>The seconds without an event after which a comment is sent, so that no proxy closes the connection as dead.</summary>
    /// <value>Default 15; 1 to 300.</value>
    [Range(1, 300)]
    public int HeartbeatSeconds { get; set; } = 15;

    /// <summary>The seconds that a reader may accept no data before the stream is closed.</summary>
    /// <value>Default 10; 1 to 120.</value>
    [Range(1, 120)]
    public int WriteTimeoutSeconds { get; set; } = 10;

    /// <summary>
    /// After how long a stream ends by itself, so that readers spread over new processes, in minutes; a tenth of it is left to chance.
    /// </summary>
    /// <value>Default 60; 1 to 10,080.</value>
    [Range(1, 10_080)]
    public int LifetimeMinutes { get; set; } = 60;

    internal TimeSpan DrawLifetime() => TimeSpan.FromMinutes(LifetimeMinutes * (0.9 + (0.1 * Random.Shared.NextDouble())));
}

[OptionsValidator]
internal sealed partial class StreamOptionsValidator : IValidateOptions<StreamOptions>;
