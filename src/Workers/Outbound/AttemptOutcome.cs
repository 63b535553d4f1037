namespace ActivityHub.Workers.Outbound;

/// <summary>How a request to a callback went: an expected failure has a name.</summary>
internal enum AttemptOutcome
{
    /// <summary>Any 2xx.</summary>
    Accepted,

    /// <summary>410: the callback wants no more, ever.</summary>
    Gone,

    /// <summary>Another answer.</summary>
    Refused,

    /// <summary>413.</summary>
    TooLarge,

    /// <summary>429 or 503: later, and perhaps it says when.</summary>
    Throttled,

    TimedOut,

    Unreachable,

    /// <summary>The guard does not let requests go there.</summary>
    Forbidden,
}
