using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.DataProtection;

namespace ActivityHub.Ledger.Keys;

/// <summary>Encrypts what must be read again: secrets of subscribers and topics as they were given (Data Protection, its ring in the ledger).</summary>
public sealed class SecretBox(IDataProtectionProvider provider)
{
    private readonly IDataProtector _protector = provider.CreateProtector("ActivityHub.Subscriptions.v1");

    public byte[] Seal(string text) => _protector.Protect(Encoding.UTF8.GetBytes(text));

    /// <summary>Null where it cannot be decrypted: the ring is another one, or the bytes were changed.</summary>
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
