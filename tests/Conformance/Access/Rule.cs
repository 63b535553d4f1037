namespace ActivityHub.Conformance.Access;

/// <summary>The actors that a route lets in, and the answers to the others.</summary>
public enum Rule
{
    /// <summary>Every client: the route reveals nothing about a person, or its own form, address or key decides.</summary>
    Anybody,

    /// <summary>
    /// A client that may read the feed: a reader key of a valid grant, an app with access to it, or its owner. All others get 404, as for a
    /// missing feed.
    /// </summary>
    Readers,

    /// <summary>
    /// The feed's owner, and holders of a grant with the right to reply (there is none among the actors); all others get 404, as for
    /// reading.
    /// </summary>
    Repliers,

    /// <summary>The feed's own device key; all others get 401.</summary>
    Phone,

    /// <summary>As <see cref="Phone"/>, but the named resource does not exist, so the phone gets 404.</summary>
    PhoneAbsent,

    /// <summary>Every client with an account, about its own account; all others get 401.</summary>
    Accounts,

    /// <summary>The account that owns the resource; other accounts get 404, all others 401.</summary>
    ItsOwner,

    /// <summary>As <see cref="ItsOwner"/>, but the named resource does not exist, so its owner gets 404 as well.</summary>
    Absent,

    /// <summary>Only a client with the link that was sent to its callback: all actors get 404.</summary>
    NoneOfThem,

    /// <summary>An app with an access token, about the feeds that it was granted; all others get 401.</summary>
    App,

    /// <summary>A signed-in browser, about its own account; all others are sent to the sign-in page, with any key.</summary>
    Browser,

    /// <summary>
    /// A browser in which the owner is signed in; a browser of another account gets 404, all others are sent to the sign-in page.
    /// </summary>
    BrowserOfOwner,

    /// <summary>As <see cref="BrowserOfOwner"/>, but the named resource does not exist, or is for administrators only.</summary>
    BrowserAbsent,

    /// <summary>
    /// Administrators, by a key or a browser's session; other accounts get 403, because the existence of the page is no secret; all others
    /// get 401.
    /// </summary>
    Administrators,
}
