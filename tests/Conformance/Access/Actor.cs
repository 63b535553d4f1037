namespace ActivityHub.Conformance.Access;

/// <summary>
/// Who asks, seen from one feed and the account that owns it; in the order in which the matrix lets them ask: who may change things comes
/// last.
/// </summary>
public enum Actor
{
    Nobody,
    OtherReader,
    RevokedReader,
    ExpiredReader,
    OtherOwner,
    Administrator,

    /// <summary>An app with a token that its owner's consent no longer stands behind.</summary>
    AppWithoutConsent,

    /// <summary>An app with another owner's consent, to a feed of his.</summary>
    OtherApp,

    /// <summary>An app with the owner's consent to this feed.</summary>
    App,

    /// <summary>A browser in which another owner is signed in: it sends its cookie.</summary>
    OtherBrowser,

    /// <summary>A browser in which the owner is signed in.</summary>
    Browser,
    Reader,
    Device,
    Owner,
}
