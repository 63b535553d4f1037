namespace ActivityHub.Conformance.Access;

/// <summary>Who is let in by a route, and what the others are told.</summary>
public enum Rule
{
    /// <summary>Everybody: it says nothing of anybody, or its own form, address or key decides.</summary>
    Anybody,

    /// <summary>
    /// Whoever may read the feed: a reader key of a grant that holds, an app to which it was given, or its owner. All others get 404, as
    /// for a feed that is not there.
    /// </summary>
    Readers,

    /// <summary>
    /// The feed's owner, and holders of a grant with the right to reply, of whom none is among the actors; all others get 404, as for
    /// reading.
    /// </summary>
    Repliers,

    /// <summary>The feed's own device key; all others get 401.</summary>
    Phone,

    /// <summary>As <see cref="Phone"/>, but the thing named is not there, so that the phone gets 404.</summary>
    PhoneAbsent,

    /// <summary>Whoever has an account, about the account; all others get 401.</summary>
    Accounts,

    /// <summary>The one account that the thing belongs to; other accounts get 404, all others 401.</summary>
    ItsOwner,

    /// <summary>As <see cref="ItsOwner"/>, but the thing named is not there, so that its owner gets 404 as well.</summary>
    Absent,

    /// <summary>Whoever has the link that its callback was sent, or nobody: all actors get 404.</summary>
    NoneOfThem,

    /// <summary>An app with an access token, about what was given to it; all others get 401.</summary>
    App,

    /// <summary>
    /// A browser that is signed in, about its own account; all others are sent to the page for it, with whatever key they come.
    /// </summary>
    Browser,

    /// <summary>
    /// A browser that the owner is signed in with; that of another account gets 404, all others are sent to the page for it.
    /// </summary>
    BrowserOfOwner,

    /// <summary>As <see cref="BrowserOfOwner"/>, but what is named is not there, or for administrators alone.</summary>
    BrowserAbsent,

    /// <summary>
    /// Administrators, by a key or a browser's session; other accounts get 403, since that the page exists is no secret; all others get
    /// 401.
    /// </summary>
    Administrators,
}
