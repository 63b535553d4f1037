using ActivityHub.Ledger.Settings;
using Microsoft.Extensions.Configuration;

namespace ActivityHub.Ledger;

/// <summary>Networks in a setting: one text with commas, spaces or semicolons between them, or an array.</summary>
public static class NetworkSetting
{
    /// <summary>The private networks that outbound requests may go to; there alone without TLS.</summary>
    [Setting(typeof(string[]))]
    public const string AllowedCallbacks = "Hub:AllowedCallbackNetworks";

    private static readonly char[] Between = [',', ' ', ';'];

    /// <summary>As they are written; whether each is a network is for the caller to say.</summary>
    public static IReadOnlyList<string> In(IConfiguration configuration, string setting) =>
    [
        .. configuration.GetSection(setting).GetChildren().Select(child => child.Value).Prepend(configuration[setting])
            .SelectMany(text => (text ?? "").Split(Between, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)),
    ];
}
