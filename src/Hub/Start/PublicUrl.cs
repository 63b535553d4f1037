using ActivityHub.Ledger;
using Microsoft.Extensions.Options;

namespace ActivityHub.Hub.Start;

/// <summary>Where the world reaches the hub, if nobody has said it.</summary>
internal static class PublicUrl
{
    /// <summary>The one http address that it listens on, with a name in place of "any address"; null where that is not known.</summary>
    public static string? From(string? urls)
    {
        if (urls?.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) is not [var only])
        {
            return null;
        }

        BindingAddress address;
        try
        {
            address = BindingAddress.Parse(only);
        }
        catch (FormatException)
        {
            return null;
        }

        if (!address.Scheme.Equals("http", StringComparison.OrdinalIgnoreCase) || address.Port == 0 || address.IsUnixPipe || address.IsNamedPipe)
        {
            return null;
        }

        var host = address.Host is "0.0.0.0" or "*" or "+" or "[::]" ? "localhost" : address.Host;
        return Uri.TryCreate($"http://{host}:{address.Port}", UriKind.Absolute, out var url) ? url.GetLeftPart(UriPartial.Authority) : null;
    }

    /// <summary>What a public URL must be; links are made by appending to it.</summary>
    internal sealed class Rule : IValidateOptions<HubOptions>
    {
        public ValidateOptionsResult Validate(string? name, HubOptions options) =>
            options.PublicUrl is { IsAbsoluteUri: true, Scheme: "http" or "https", Query: "", Fragment: "", UserInfo: "" }
                ? ValidateOptionsResult.Success
                : ValidateOptionsResult.Fail("PublicUrl: must be an absolute http or https URL without user name, query and fragment, such as https://hub.example.org");
    }
}
