using System.Globalization;

namespace ActivityHub.Bench.Load;

/// <summary>The addresses of the callbacks: ten on each loopback address, so that no host's bulkhead limits the measurement.</summary>
internal static class Hosts
{
    public const int CallbacksAHost = 10;

    public static string UrlOf(int callback, int port) =>
        string.Create(CultureInfo.InvariantCulture, $"{OriginOf(callback, port)}/c/{callback}");

    public static string BareUrlOf(int callback, int port) => $"{OriginOf(callback, port)}/bare";

    private static string OriginOf(int callback, int port)
    {
        var host = callback / CallbacksAHost;
        return string.Create(
            CultureInfo.InvariantCulture, $"http://127.{1 + (host / 40_000)}.{host / 200 % 200}.{1 + (host % 200)}:{port}");
    }
}
