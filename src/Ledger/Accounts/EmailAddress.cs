using System.Globalization;
using System.Text;

namespace ActivityHub.Ledger.Accounts;

/// <summary>
/// The canonical form of an email address: the part before the last @ in normalization form C, and the domain as it is transmitted (RFC
/// 5890, A-labels), so that <c>jürgen@münchen.example</c> has one account, in every notation.
/// </summary>
public static class EmailAddress
{
    private static readonly IdnMapping Domains = new() { AllowUnassigned = true };

    /// <summary>As addresses are compared: upper case.</summary>
    public static string Comparable(string email)
    {
        var trimmed = Trimmed(email);
        return IsPlain(trimmed)
            ? trimmed.ToUpperInvariant()
            : Join(CanonicalText.Compose(LocalOf(trimmed)), TravellingDomain(DomainOf(trimmed)));
    }

    /// <summary>As an address is shown and mailed to: in form C.</summary>
    public static string Shown(string email) => CanonicalText.Compose(Trimmed(email));

    /// <summary>
    /// All under which an account with this address may stand in the ledger, the likeliest first. Earlier versions compared addresses as
    /// they were typed. Nearly always one.
    /// </summary>
    public static IReadOnlyList<string> ComparableForms(string email)
    {
        var trimmed = Trimmed(email);
        if (IsPlain(trimmed))
        {
            return [trimmed.ToUpperInvariant()];
        }

        var (local, domain) = (LocalOf(trimmed), DomainOf(trimmed));
        var (ascii, unicode) = (TravellingDomain(domain), ReadableDomain(domain));
        return
        [
            .. new[]
            {
                trimmed.ToUpperInvariant(),
                Join(CanonicalText.Compose(local), ascii),
                Join(CanonicalText.Compose(local), unicode),
                Join(CanonicalText.Decompose(local), CanonicalText.Decompose(unicode)),
                Join(CanonicalText.Decompose(local), unicode),
                Join(CanonicalText.Decompose(local), ascii),
            }.Distinct(StringComparer.Ordinal),
        ];
    }

    /// <summary>The domain as it travels, in lower case; as it is written where it is none that could.</summary>
    public static string TravellingDomain(string domain)
    {
        try
        {
            var readable = ReadableDomain(domain);
            return Ascii.IsValid(readable) ? readable : Domains.GetAscii(readable).ToLowerInvariant();
        }
        catch (ArgumentException)
        {
            return Mapped(domain);
        }
    }

    public static string DomainOf(string email) => email[(email.LastIndexOf('@') + 1)..];

    private static string LocalOf(string email) => email.LastIndexOf('@') is var at and >= 0 ? email[..at] : "";

    private static string ReadableDomain(string domain)
    {
        var mapped = Mapped(domain);
        try
        {
            // It may have been typed in the transmitted form.
            return mapped.Contains("xn--", StringComparison.Ordinal) ? Mapped(Domains.GetUnicode(mapped)) : mapped;
        }
        catch (ArgumentException)
        {
            return mapped;
        }
    }

    // RFC 5895 §2: lower case, full-width letters and ideographic full stops as they are meant, form C.
    private static string Mapped(string domain)
    {
        var text = new StringBuilder(domain.Length);
        foreach (var letter in domain)
        {
            text.Append(letter switch
            {
                >= '\uFF01' and <= '\uFF5E' => (char)(letter - 0xFEE0),
                '\u3002' or '\uFF61' => '.',
                _ => letter,
            });
        }

        return CanonicalText.Compose(text.ToString().ToLowerInvariant());
    }

    private static string Join(string local, string domain) => $"{local}@{domain}".ToUpperInvariant();

    private static string Trimmed(string email)
    {
        ArgumentNullException.ThrowIfNull(email);
        return email.Trim();
    }

    private static bool IsPlain(string email) => Ascii.IsValid(email) && !email.Contains("xn--", StringComparison.OrdinalIgnoreCase);
}
