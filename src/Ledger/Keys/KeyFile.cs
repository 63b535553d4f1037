using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;
using ActivityHub.Ledger.Storage;
using Microsoft.AspNetCore.DataProtection.XmlEncryption;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace ActivityHub.Ledger.Keys;

/// <summary>
/// Encrypts the Data Protection ring with the file that <c>Hub:KeyFile</c> names (AES-256-GCM under a key derived from its bytes), so that
/// a copy of the database alone cannot decrypt any secret.
/// </summary>
internal sealed class KeyFile
{
    private const int MinBytes = 32;
    private const string WrappedKey = "wrapped";

    private readonly byte[] _key;

    private KeyFile(byte[] key) => _key = key;

    public static KeyFile Read(string path)
    {
        byte[] bytes;
        try
        {
            bytes = File.ReadAllBytes(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new LedgerUnavailableException($"Hub:KeyFile names {path}, which cannot be read: {exception.Message}", exception);
        }

        if (bytes.Length < MinBytes)
        {
            throw new LedgerUnavailableException(
                $"Hub:KeyFile names {path}, which has {bytes.Length} bytes; it needs {MinBytes} random ones or more (openssl rand "
                + $"-out {path} 32).");
        }

        return new KeyFile(HKDF.DeriveKey(HashAlgorithmName.SHA256, bytes, 32, info: "ActivityHub key ring"u8.ToArray()));
    }

    /// <summary>
    /// Returns whether every wrapped key of the ring can be opened with this file. Keys that are not wrapped need no file.
    /// </summary>
    public static bool OpensAll(IEnumerable<string?> ring, string? path)
    {
        var wrapped = ring.OfType<string>().SelectMany(xml => XElement.Parse(xml).Descendants(WrappedKey)).ToList();
        return wrapped.Count == 0 || (path is not null && wrapped.TrueForAll(Read(path).Opens));
    }

    private bool Opens(XElement wrapped)
    {
        try
        {
            Open(Convert.FromBase64String(wrapped.Value));
            return true;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    private byte[] Seal(byte[] plain)
    {
        var output = new byte[12 + 16 + plain.Length];
        RandomNumberGenerator.Fill(output.AsSpan(0, 12));
        using var aes = new AesGcm(_key, 16);
        aes.Encrypt(output.AsSpan(0, 12), plain, output.AsSpan(28), output.AsSpan(12, 16));
        return output;
    }

    private byte[] Open(byte[] wrapped)
    {
        var plain = new byte[wrapped.Length - 28];
        using var aes = new AesGcm(_key, 16);
        aes.Decrypt(wrapped.AsSpan(0, 12), wrapped.AsSpan(28), wrapped.AsSpan(12, 16), plain);
        return plain;
    }

    internal sealed class Encryptor(KeyFile file) : IXmlEncryptor
    {
        public EncryptedXmlInfo Encrypt(XElement plaintextElement) => new(
            new XElement(
                WrappedKey,
                Convert.ToBase64String(file.Seal(Encoding.UTF8.GetBytes(plaintextElement.ToString(SaveOptions.DisableFormatting))))),
            typeof(Decryptor));
    }

    /// <summary>Decrypts wrapped keys. Data Protection creates it by the type name that is stored with each wrapped key.</summary>
    internal sealed class Decryptor(IServiceProvider services) : IXmlDecryptor
    {
        public XElement Decrypt(XElement encryptedElement)
        {
            var path = services.GetRequiredService<IOptions<HubOptions>>().Value.KeyFile
                ?? throw new CryptographicException("The key ring is wrapped by a key file; set Hub:KeyFile to it.");
            return XElement.Parse(Encoding.UTF8.GetString(Read(path).Open(Convert.FromBase64String(encryptedElement.Value))));
        }
    }
}
