using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace ActivityHub.Ledger.Keys;

/// <summary>
/// A key that somebody carries: 256 random bits behind a prefix that says what it opens. The ledger keeps its SHA-256 alone;
/// a fast hash is enough, since nobody guesses 256 bits.
/// </summary>
public sealed class AccessKey
{
    public const string DevicePrefix = "dk_";
    public const string ReaderPrefix = "rk_";
    public const string TokenPrefix = "at_";
    public const string SessionPrefix = "ss_";

    /// <summary>Longer than any key of ours: what is longer is not hashed at all.</summary>
    public const int MaxLength = 128;

    /// <summary>The kind of key that a text looks like by its prefix, in words; null for any other text. Whether there is such a key it does not tell.</summary>
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

    /// <summary>A key that was derived from the root key, and so can be shown again.</summary>
    internal static AccessKey Derived(string text) => new(text);

    public static byte[] HashOf(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));

    public override string ToString() => "(a key)";

    private static AccessKey New(string prefix) => new(prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32)));
}
