namespace ActivityHub.Hub.Accounts;

/// <summary>The key that the request carries, as its hash: which of the account's keys is "this one". A feature of the request.</summary>
internal sealed record SignedInWith(byte[] Hash)
{
    /// <summary>On a route that asks for an owner.</summary>
    public static byte[] HashOf(HttpContext http) =>
        http.Features.Get<SignedInWith>()?.Hash
            ?? throw new InvalidOperationException("The route lets in callers who carry no key of an account.");
}
