using ActivityHub.Ledger.Settings;
using Microsoft.Extensions.Configuration;

namespace ActivityHub.Ledger;

/// <summary>Reads a setting that lists networks: one text with commas, spaces or semicolons as separators, or an array.</summary>
public static class NetworkSetting
{
    /// <summary>The private networks that outbound requests may go to. Only requests to these networks may go without TLS.</summary>
    [Setting(typeof(string[]))]
    public const string AllowedCallbacks = "Hub:AllowedCallbackNetworks";

    private static readonly char[] Between = [',', ' ', ';'];

    /// <summary>Returns the entries as written. The caller checks that each is a network.</summary>
    public static IReadOnlyList<string> In(IConfiguration configuration, string setting) =>
    [
        .. configuration.GetSection(setting).GetChildren().Select(child => child.Value).Prepend(configuration[setting])
            .SelectMany(text => (text ?? "").Split(Between, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)),
    ];
}
