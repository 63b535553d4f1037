namespace ActivityHub.Ledger.Subscriptions;

/// <summary>With which HMAC a delivery is signed (WebSub §7.1).</summary>
public enum SignatureMethod
{
    Sha256 = 0,
    Sha1 = 1,
    Sha384 = 2,
    Sha512 = 3,

    /// <summary>Sha256 of the body, and beside it the headers of Standard Webhooks.</summary>
    Standard = 4,
}
