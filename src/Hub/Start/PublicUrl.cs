using ActivityHub.Ledger;
using Microsoft.Extensions.Options;

namespace ActivityHub.Hub.Start;

/// <summary>The public address of the hub, if the settings name none.</summary>
internal static class PublicUrl
{
    /// <summary>The one http address that it listens on, with a name in place of "any address"; null where that is not known.</summary>
    public static string? From(string? urls)
    {
        if (urls?.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) is not [var only])
        {
            return null;
        }

        if (Parse(only) is not { } address)
        {
            return null;
        }

        if (!address.Scheme.Equals("http", StringComparison.OrdinalIgnoreCase) || address.Port == 0 || address.IsUnixPipe ||
            address.IsNamedPipe)
        {
            return null;
        }

        var host = address.Host is "0.0.0.0" or "*" or "+" or "[::]" ? "localhost" : address.Host;
        return Uri.TryCreate($"http://{host}:{address.Port}", UriKind.Absolute, out var url) ? url.GetLeftPart(UriPartial.Authority) : null;
    }

    /// <exception cref="WrongSettingException">One of the addresses to listen on is none.</exception>
    public static void Check(string? urls)
    {
        foreach (var url in (urls ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (Parse(url) is null)
            {
                throw new WrongSettingException("urls", url, "an address to listen on, such as http://localhost:8080");
            }
        }
    }

    private static BindingAddress? Parse(string url)
    {
        try
        {
            var address = BindingAddress.Parse(url);
            return address.Port is >= 0 and <= ushort.MaxValue ? address : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }

    /// <summary>What a public URL must be; links are made by appending to it.</summary>
    internal sealed class Rule : IValidateOptions<HubOptions>
    {
        public ValidateOptionsResult Validate(string? name, HubOptions options) =>
            options.PublicUrl is { IsAbsoluteUri: true, Scheme: "http" or "https", Query: "", Fragment: "", UserInfo: "" }
                ? ValidateOptionsResult.Success
                : ValidateOptionsResult.Fail(
                    "PublicUrl: must be an absolute http or https URL without user name, query and fragment, such as "
                    + "https://hub.example.org");
    }
}
