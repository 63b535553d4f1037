namespace ActivityHub.Ledger.Subscriptions;

/// <summary>The HMAC with which a delivery is signed (WebSub §7.1).</summary>
public enum SignatureMethod
{
    Sha256 = 0,
    Sha1 = 1,
    Sha384 = 2,
    Sha512 = 3,

    /// <summary>SHA-256 of the body, plus the headers of Standard Webhooks.</summary>
    Standard = 4,
}
