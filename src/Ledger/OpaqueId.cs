using System.Security.Cryptography;

namespace ActivityHub.Ledger;

/// <summary>
/// The ids of feeds, devices, grants, subscriptions and accounts: 60 random bits, written as 12 characters of Crockford's base 32.
/// The ids are random, so they reveal neither the time nor the number of created rows. One machine word keeps the hot tables narrow.
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

    /// <summary>Returns the first part of the key of every hot table (0 to 255); by it the tables can be spread over machines.</summary>
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
