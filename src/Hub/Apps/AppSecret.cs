using System.Buffers.Text;
using System.Security.Cryptography;

namespace ActivityHub.Hub.Apps;

/// <summary>The secret of a confidential app: 256 random bits.</summary>
internal static class AppSecret
{
    private const string Prefix = "cs_";
    private const int Bytes = 32;

    public static string New() => Prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(Bytes));

    /// <summary>Whether the text could be one at all.</summary>
    public static bool IsOne(string text) =>
        text.Length == Prefix.Length + 43 && text.StartsWith(Prefix, StringComparison.Ordinal) &&
            Base64Url.IsValid(text.AsSpan(Prefix.Length));
}
