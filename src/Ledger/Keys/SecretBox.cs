using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.DataProtection;

namespace ActivityHub.Ledger.Keys;

/// <summary>
/// Encrypts texts that must be read again: secrets and topics of subscriptions, as received. Uses Data Protection; the ring is in the
/// ledger.
/// </summary>
public sealed class SecretBox(IDataProtectionProvider provider)
{
    private readonly IDataProtector _protector = provider.CreateProtector("ActivityHub.Subscriptions.v1");

    public byte[] Seal(string text) => _protector.Protect(Encoding.UTF8.GetBytes(text));

    /// <summary>Decrypts a text. Returns null if the key ring is a different one or the bytes were changed.</summary>
    public string? TryOpen(byte[] sealedText)
    {
        try
        {
            return Encoding.UTF8.GetString(_protector.Unprotect(sealedText));
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}
