namespace ActivityHub.Conformance.Access;

/// <summary>
/// The clients, from the view of one feed and its owner's account. The matrix sends their requests in this order: actors that may change
/// things come last.
/// </summary>
public enum Actor
{
    Nobody,
    OtherReader,
    RevokedReader,
    ExpiredReader,
    OtherOwner,
    Administrator,

    /// <summary>An app with a token whose owner has withdrawn the consent.</summary>
    AppWithoutConsent,

    /// <summary>An app with another owner's consent, to that owner's feed.</summary>
    OtherApp,

    /// <summary>An app with the owner's consent to this feed.</summary>
    App,

    /// <summary>A browser in which another owner is signed in; it sends its cookie.</summary>
    OtherBrowser,

    /// <summary>A browser in which the owner is signed in.</summary>
    Browser,
    Reader,
    Device,
    Owner,
}
