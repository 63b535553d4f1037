using System.Security.Cryptography;
using ActivityHub.Phones.CommandLine;

namespace ActivityHub.Phones.Http;

/// <summary>Either a token, or an email address and a password; random ones if the arguments give none.</summary>
internal sealed record Credentials(string? Token, string Email, string Password)
{
    public static readonly IReadOnlyList<Option> Options =
    [
        new("--token", "T", "an account token; otherwise an account is made"),
        new("--email", "E", "the account to make or to sign in to (default: a random one)"),
        new("--password", "P", "its password (default: a random one)"),
    ];

    public static Credentials From(Arguments arguments)
    {
        var random = Random();
        if (arguments.Text("--token") is { } token)
        {
            return random with { Token = token };
        }

        if ((arguments.Text("--email") is null) != (arguments.Text("--password") is null))
        {
            arguments.Fault("--email and --password go together: give both or none");
        }

        return random with
        {
            Email = arguments.Text("--email") ?? random.Email,
            Password = arguments.Text("--password") ?? random.Password,
        };
    }

    public static Credentials Random() =>
        new(
            null,
            $"phones-{RandomNumberGenerator.GetHexString(12, true)}@example.org",
            RandomNumberGenerator.GetHexString(32, true) + "-Ph1"
        );
}
