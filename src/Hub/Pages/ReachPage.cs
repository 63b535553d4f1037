using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using ActivityHub.Ledger;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace ActivityHub.Hub.Pages;

/// <summary>Whether a phone can reach the hub by its address: a page for the phone's own browser, and what stands in the way.</summary>
internal static class ReachPage
{
    public const string Path = "/reach";

    public static void MapReach(this IEndpointRouteBuilder pages) => pages.MapGet(Path, Show);

    /// <summary>What keeps a phone from this hub, or from telling its place by a browser; null where nothing does.</summary>
    public static string? Obstacle(Uri publicUrl) =>
        publicUrl.IsLoopback
            ? $"No phone reaches this hub: its address, {publicUrl.GetLeftPart(UriPartial.Authority)}, means the phone itself there. "
                + $"Start it with {Remedy(publicUrl)}, or put a proxy with https before it."
            : publicUrl.Scheme != Uri.UriSchemeHttps
                ? "Browsers tell a place over https alone, and some apps send over nothing else: put a proxy with https before this hub, "
                    + "and set Hub:PublicUrl to its address."
                : null;

    /// <summary>With which switches this machine is reached from its own network.</summary>
    public static string Remedy(Uri publicUrl)
    {
        var address = LanAddress() ?? "the address of this machine";
        return $"--urls http://0.0.0.0:{publicUrl.Port} --Hub:PublicUrl "
            + $"http://{address}:{publicUrl.Port}{publicUrl.AbsolutePath.TrimEnd('/')}";
    }

    private static ContentHttpResult Show(HttpContext http, IOptions<HubOptions> hub)
    {
        http.Response.Headers.CacheControl = "no-store";
        return Html.Page(http.Response, "This device reaches the hub", $"""
            <h1>This device reaches the hub</h1>
            <p>It came by {Html.Encode($"{http.Request.Host}")}; the hub sees it as
                {Html.Encode(Shown(http.Connection.RemoteIpAddress))}.</p>
            <p>{Html.Encode(
                Obstacle(hub.Value.PublicUrl) ?? "Its address begins with https, so that browsers and apps may tell places.")}</p>
            """);
    }

    private static string Shown(IPAddress? address) =>
        address is null ? "a client on this machine" : (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).ToString();

    // The first that a home or an office gives out; those of containers and tunnels come after the cards'.
    private static string? LanAddress()
    {
        try
        {
            return NetworkInterface.GetAllNetworkInterfaces()
                .Where(
                    card =>
                        card.OperationalStatus == OperationalStatus.Up &&
                            card.NetworkInterfaceType is not (NetworkInterfaceType.Loopback or NetworkInterfaceType.Tunnel))
                .OrderBy(card => card.GetIPProperties().GatewayAddresses.Count == 0)
                .SelectMany(card => card.GetIPProperties().UnicastAddresses)
                .Select(unicast => unicast.Address)
                .FirstOrDefault(
                    address =>
                        address.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(address) &&
                            !address.ToString().StartsWith("169.254.", StringComparison.Ordinal))
                ?.ToString();
        }
        catch (NetworkInformationException)
        {
            return null;
        }
    }
}
