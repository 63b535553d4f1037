namespace ActivityHub.TestKit;

/// <summary>What a grant allows; for null values the hub's defaults apply.</summary>
public sealed record TestGrantRequest
{
    /// <summary>The name in the owner's own list.</summary>
    public string Name { get; init; } = "a reader";

    /// <summary>True means a grant without a key.</summary>
    public bool? Public { get; init; }

    /// <summary>The visible kinds; null means all.</summary>
    public string[]? Kinds { get; init; }

    /// <summary><c>exact</c>, <c>100m</c>, <c>1km</c>, <c>10km</c> or <c>none</c>.</summary>
    public string? Precision { get; init; }

    /// <summary>The start of the visible range of received times.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>The end of the visible range of received times.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>How long after its receipt an update becomes visible.</summary>
    public int? DelaySeconds { get; init; }

    /// <summary>The end of the grant itself.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>A selection of <c>read</c>, <c>subscribe</c> and <c>reply</c>; the first two by default.</summary>
    public string[]? Rights { get; init; }
}
