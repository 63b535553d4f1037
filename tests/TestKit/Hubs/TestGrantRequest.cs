namespace ActivityHub.TestKit;

/// <summary>What a grant is to allow; whatever is null is left to the hub's default.</summary>
public sealed record TestGrantRequest
{
    /// <summary>For the owner's own list.</summary>
    public string Name { get; init; } = "a reader";

    /// <summary>True means: no key.</summary>
    public bool? Public { get; init; }

    /// <summary>The kinds that are seen; null means all.</summary>
    public string[]? Kinds { get; init; }

    /// <summary><c>exact</c>, <c>100m</c>, <c>1km</c>, <c>10km</c> or <c>none</c>.</summary>
    public string? Precision { get; init; }

    /// <summary>The start of the received time that is seen.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>The end of the received time that is seen.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>How long after its receipt an update is seen.</summary>
    public int? DelaySeconds { get; init; }

    /// <summary>When the grant itself ends.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>Of <c>read</c>, <c>subscribe</c> and <c>reply</c>; the first two by default.</summary>
    public string[]? Rights { get; init; }
}
