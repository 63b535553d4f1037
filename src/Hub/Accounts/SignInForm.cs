using System.Globalization;
using ActivityHub.Ledger.Accounts;
using ActivityHub.Web;

namespace ActivityHub.Hub.Accounts;

/// <summary>What a person signs up and in with.</summary>
/// <param name="Email">Up to 254 characters.</param>
/// <param name="Password">8 to 200 characters.</param>
internal sealed record SignInForm(string Email, string Password)
{
    public const int MinPasswordLength = 8;
    private const int MinEmailLength = 3;
    private const string OfGuests = "Addresses at guest.invalid are those of visitors at /try; give one of yours.";
    public const int MaxPasswordLength = 200;

    /// <summary>Faults are left in the body.</summary>
    public static SignInForm Read(JsonBody body)
    {
        var email = body.Text("email", MinEmailLength, Account.MaxEmailLength, required: true);
        if (email is not null && !LooksLikeAnAddress(email))
        {
            body.Refuse("email", "email must be an address such as ada@example.org.");
        }
        else if (email is not null && IsOfGuests(email))
        {
            body.Refuse("email", OfGuests);
        }

        return new SignInForm(email ?? "", body.Secret("password", MinPasswordLength, MaxPasswordLength) ?? "");
    }

    /// <summary>Returns the fault of a form's two fields, for the page; null where there is none.</summary>
    public static string? Fault(string email, string password) =>
        FaultOfEmail(email) ?? (password.Length is < MinPasswordLength or > MaxPasswordLength
            ? $"A password has {MinPasswordLength} to {MaxPasswordLength} characters."
            : null);

    /// <summary>Returns the fault of an address; null where there is none.</summary>
    public static string? FaultOfEmail(string email) =>
        email.Length is < MinEmailLength or > Account.MaxEmailLength || email.Any(char.IsControl) || !LooksLikeAnAddress(email)
            ? "Give an email address such as ada@example.org."
            : IsOfGuests(email) ? OfGuests : null;

    // Only a message sent there could tell more. It must survive being printed and compared, no more.
    private static bool LooksLikeAnAddress(string email)
    {
        var at = email.LastIndexOf('@');
        return at is > 0 and <= 64 && at < email.Length - 1 && !email.Any(char.IsWhiteSpace) &&
            !email.Any(letter => char.GetUnicodeCategory(letter) == UnicodeCategory.Format) &&
            email[(at + 1)..].Trim('.').Length == email.Length - at - 1 &&
            EmailAddress.Comparable(email).Length <= Account.MaxEmailLength &&
            System.Text.Ascii.IsValid(EmailAddress.TravellingDomain(EmailAddress.DomainOf(email)));
    }

    // Compared as the ledger would compare them, however they are spelled.
    private static bool IsOfGuests(string email) =>
        ("." + EmailAddress.TravellingDomain(EmailAddress.DomainOf(email)))
            .EndsWith("." + GuestAddress.Domain.TrimStart('@'), StringComparison.OrdinalIgnoreCase);

    public override string ToString() => "(credentials)";
}
