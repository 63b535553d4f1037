using System.Net;

namespace ActivityHub.Phones.Http;

/// <summary>Creates the HTTP clients of this program: limited in time, size and sockets, and with a user agent.</summary>
internal static class HubConnection
{
    private const int LargestAnswer = 1 << 20;

    /// <param name="connections">The highest number of sockets to the hub.</param>
    /// <param name="followRedirects">True only for reading a topic; a redirected write is a fault and must be reported.</param>
    public static HttpClient Open(int connections = 64, bool followRedirects = false)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = followRedirects,
            AutomaticDecompression = DecompressionMethods.All,
            ConnectTimeout = TimeSpan.FromSeconds(5),
            MaxConnectionsPerServer = connections,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            UseCookies = false,
        };
        var http = new HttpClient(handler) { Timeout = TimeSpan.FromSeconds(30), MaxResponseContentBufferSize = LargestAnswer };
        http.DefaultRequestHeaders.UserAgent.ParseAdd("ActivityHub/0.1 (phones)");
        return http;
    }
}
