using System.Globalization;
using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace ActivityHub.Bench.Yardsticks;

/// <summary>A recorded answer of the hub.</summary>
internal sealed record StillAnswer(Dictionary<string, string> Headers, byte[] Body, string ETag)
{
    private static readonly string[] MadeAnew = ["Date", "Content-Length", "Transfer-Encoding"];

    public static async Task<StillAnswer> TakeAsync(string url, CancellationToken stop)
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        using var response = await client.GetAsync(url, stop);
        response.EnsureSuccessStatusCode();
        var headers = response.Headers.Concat(response.Content.Headers)
            .Where(header => !MadeAnew.Contains(header.Key))
            .ToDictionary(header => header.Key, header => string.Join(", ", header.Value));
        return new StillAnswer(headers, await response.Content.ReadAsByteArrayAsync(stop), response.Headers.ETag!.ToString());
    }
}

/// <summary>
/// The best speed of Kestrel: a process that answers every request with the same bytes from memory, or with 304 if the client has them.
/// </summary>
internal static class StillServer
{
    public const string Name = "still";

    public static async Task RunAsync()
    {
        var answer = JsonSerializer.Deserialize<StillAnswer>((await Console.In.ReadLineAsync())!)!;
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(IPAddress.Loopback, 0);
        });
        await using var app = builder.Build();
        app.Run(context => AnswerAsync(context, answer));
        await app.StartAsync();
        Console.WriteLine(new Uri(app.Urls.Single()).Port.ToString(CultureInfo.InvariantCulture));
        await Console.In.ReadLineAsync();
    }

    private static Task AnswerAsync(HttpContext context, StillAnswer answer)
    {
        var response = context.Response;
        foreach (var (name, value) in answer.Headers)
        {
            response.Headers[name] = value;
        }

        if (context.Request.Headers.IfNoneMatch == answer.ETag)
        {
            response.Headers.ContentType = default;
            response.StatusCode = StatusCodes.Status304NotModified;
            return Task.CompletedTask;
        }

        response.ContentLength = answer.Body.Length;
        return response.BodyWriter.WriteAsync(answer.Body).AsTask();
    }
}
