using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace ActivityHub.Ledger.Keys;

/// <summary>
/// An access key: a prefix that states its kind, and 256 random bits. The ledger stores only its SHA-256. A fast hash is enough, because
/// 256 random bits cannot be guessed.
/// </summary>
public sealed class AccessKey
{
    public const string DevicePrefix = "dk_";
    public const string ReaderPrefix = "rk_";
    public const string TokenPrefix = "at_";
    public const string SessionPrefix = "ss_";

    /// <summary>The maximum length of a key, above that of every issued key. A longer text is rejected without hashing it.</summary>
    public const int MaxLength = 128;

    /// <summary>
    /// Returns in words the kind of key that a text has by its prefix; null for any other text. Does not check that the key exists.
    /// </summary>
    public static string? KindOf(string? text) => text switch
    {
        null => null,
        _ when text.StartsWith(DevicePrefix, StringComparison.Ordinal) => "a device key",
        _ when text.StartsWith(RootKey.IngestPrefix, StringComparison.Ordinal) => "the key of an ingest address",
        _ when text.StartsWith(ReaderPrefix, StringComparison.Ordinal) => "a reader key",
        _ when text.StartsWith(TokenPrefix, StringComparison.Ordinal) => "an account token",
        _ when text.StartsWith(SessionPrefix, StringComparison.Ordinal) => "the key of a browser's session",
        _ => null,
    };

    private AccessKey(string text) => Text = text;

    /// <summary>The key itself: shown once, never logged, never stored.</summary>
    public string Text { get; }

    public byte[] Hash => HashOf(Text);

    public static AccessKey NewDevice() => New(DevicePrefix);

    public static AccessKey NewReader() => New(ReaderPrefix);

    public static AccessKey NewToken() => New(TokenPrefix);

    public static AccessKey NewSession() => New(SessionPrefix);

    /// <summary>Wraps a key that is derived from the root key and so can be shown again.</summary>
    internal static AccessKey Derived(string text) => new(text);

    public static byte[] HashOf(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));

    public override string ToString() => "(a key)";

    private static AccessKey New(string prefix) => new(prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32)));
}
