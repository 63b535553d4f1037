using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace ActivityHub.TestKit;

/// <summary>
/// A small reverse proxy on a real loopback port. It forwards requests below a path unchanged, with or without that path, and returns the
/// answers unchanged. Requests outside the path belong to another site and get 418.
/// </summary>
public sealed class ReverseProxy : IAsyncDisposable
{
    private static readonly HashSet<string> OfTheConnection = new(
        StringComparer.OrdinalIgnoreCase) { "Connection", "Keep-Alive", "Transfer-Encoding", "Upgrade", "TE", "Trailer", "Host" };

    private readonly WebApplication _app;
    private readonly HttpMessageInvoker _sender = new(
        new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = false });
    private readonly string _prefix;
    private readonly bool _strips;

    private ReverseProxy(string prefix, bool strips, int port)
    {
        (this._prefix, this._strips) = (prefix, strips);
        Origin = $"http://127.0.0.1:{port}";
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(Origin).ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = null);
        _app = builder.Build();
        _app.Run(ForwardAsync);
    }

    /// <summary>The URL at which it listens, without the path.</summary>
    public string Origin { get; }

    /// <summary>The public URL of the site behind the proxy.</summary>
    public string Url => Origin + _prefix;

    /// <summary>The URL to which it forwards, without a trailing slash; set once it is known.</summary>
    public string? Target { get; set; }

    /// <param name="prefix">The path, such as <c>/below</c>.</param>
    /// <param name="strips">Whether the path is removed before a request is forwarded.</param>
    public static async Task<ReverseProxy> StartAsync(string prefix, bool strips)
    {
        var proxy = new ReverseProxy(prefix, strips, FreePort.Find());
        await proxy._app.StartAsync(HubHttp.Token);
        return proxy;
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _sender.Dispose();
    }

    private async Task ForwardAsync(HttpContext http)
    {
        var path = http.Request.Path.Value!;
        // The metadata URL of a site below a path has its well-known part between the host and that path (RFC 8414); it is forwarded
        // unchanged.
        var isWellKnown = path.StartsWith("/.well-known/", StringComparison.Ordinal) && path.EndsWith(_prefix, StringComparison.Ordinal);
        if (!isWellKnown && path != _prefix && !path.StartsWith(_prefix + "/", StringComparison.Ordinal))
        {
            http.Response.StatusCode = StatusCodes.Status418ImATeapot;
            return;
        }

        var target = isWellKnown || !_strips ? path : path[_prefix.Length..] is { Length: > 0 } rest ? rest : "/";
        using var request = new HttpRequestMessage(new HttpMethod(http.Request.Method), Target + target + http.Request.QueryString)
        {
            Version = HttpVersion.Version11,
            Content = http.Request.ContentLength is > 0 || http.Request.Headers.TransferEncoding.Count > 0
                ? new StreamContent(http.Request.Body)
                : null,
        };
        foreach (var (name, values) in http.Request.Headers.Where(header => !OfTheConnection.Contains(header.Key)))
        {
            if (!request.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values))
            {
                request.Content?.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values);
            }
        }

        request.Headers.Host = http.Request.Host.Value;
        using var answer = await _sender.SendAsync(request, http.RequestAborted);
        http.Response.StatusCode = (int)answer.StatusCode;
        foreach (var (name, values) in answer.Headers.Concat(answer.Content.Headers).Where(header => !OfTheConnection.Contains(header.Key)))
        {
            http.Response.Headers[name] = values.ToArray();
        }

        await using var body = await answer.Content.ReadAsStreamAsync(http.RequestAborted);
        var buffer = new byte[16 * 1024];
        for (int length; (length = await body.ReadAsync(buffer, http.RequestAborted)) > 0;)
        {
            await http.Response.Body.WriteAsync(buffer.AsMemory(0, length), http.RequestAborted);
            await http.Response.Body.FlushAsync(http.RequestAborted);
        }
    }
}
