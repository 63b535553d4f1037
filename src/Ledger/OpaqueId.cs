using System.Security.Cryptography;

namespace ActivityHub.Ledger;

/// <summary>
/// The ids of feeds, devices, grants, subscriptions and accounts: 60 random bits, written as 12 characters of Crockford's base 32.
/// Random, so that an id tells nobody when or how many; one machine word, so that the hot tables stay narrow.
/// </summary>
public static class OpaqueId
{
    private const string Alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
    private const int Length = 12;

    public static long New()
    {
        Span<byte> bytes = stackalloc byte[8];
        RandomNumberGenerator.Fill(bytes);
        return BitConverter.ToInt64(bytes) & ((1L << 60) - 1);
    }

    /// <summary>The part of the key on which every hot table begins (0 to 255), so that the tables can be spread over machines.</summary>
    public static short BucketOf(long feedId) => (short)(feedId & 0xFF);

    public static string Format(long id) => string.Create(Length, id, static (text, value) =>
    {
        for (var i = Length - 1; i >= 0; i--, value >>= 5)
        {
            text[i] = Alphabet[(int)(value & 31)];
        }
    });

    public static bool TryParse(ReadOnlySpan<char> text, out long id)
    {
        id = 0;
        if (text.Length != Length)
        {
            return false;
        }

        foreach (var character in text)
        {
            var digit = Alphabet.IndexOf(character, StringComparison.Ordinal);
            if (digit < 0)
            {
                return false;
            }

            id = (id << 5) | (uint)digit;
        }

        return true;
    }
}
