using System.Net;
using ActivityHub.Ledger;
using Microsoft.Extensions.Options;

namespace ActivityHub.Hub.Accounts;

/// <summary>What a request to open an account shows of its right to be the first administrator's.</summary>
/// <param name="IsFromThisMachine">It comes from the machine that the hub runs on, by no proxy.</param>
/// <param name="Code">The code that the start printed; null where none was sent.</param>
internal readonly record struct SignUpProof(bool IsFromThisMachine, string? Code)
{
    private static readonly string[] OfProxies = ["Forwarded", "Via", "X-Real-IP", "CF-Connecting-IP", "True-Client-IP", "X-Client-IP",
        "X-Cluster-Client-IP"];

    public static SignUpProof Of(HttpContext http, string? code) =>
        new(ComesFromThisMachine(http), string.IsNullOrWhiteSpace(code) ? null : code);

    /// <summary>
    /// True where the connection comes from loopback, the hub is reached by loopback alone, the name that was called is loopback's (so that
    /// no page elsewhere had its own name point here), and no proxy has left its mark.
    /// </summary>
    private static bool ComesFromThisMachine(HttpContext http) =>
        http.Connection.RemoteIpAddress is { } client && IPAddress.IsLoopback(client.IsIPv4MappedToIPv6 ? client.MapToIPv4() : client) &&
        http.RequestServices.GetRequiredService<IOptions<HubOptions>>().Value.PublicUrl.IsLoopback &&
        IsLoopback(http.Request.Host.Host) &&
        !http.Request.Headers.Keys.Any(IsOfProxy);

    private static bool IsLoopback(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase) ||
            (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));

    private static bool IsOfProxy(string header) =>
        header.StartsWith("X-Forwarded-", StringComparison.OrdinalIgnoreCase) ||
            header.StartsWith("X-Original-", StringComparison.OrdinalIgnoreCase) ||
        OfProxies.Contains(header, StringComparer.OrdinalIgnoreCase);
}
