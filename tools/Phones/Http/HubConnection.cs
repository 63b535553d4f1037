using System.Net;

namespace ActivityHub.Phones.Http;

/// <summary>Makes the HTTP clients of this program: bounded in time, size and sockets, and named to the hub.</summary>
internal static class HubConnection
{
    private const int LargestAnswer = 1 << 20;

    /// <param name="connections">At most so many sockets to the hub.</param>
    /// <param name="followRedirects">Only reading a topic follows them; a write that is redirected is a fault to be told.</param>
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
