#:sdk Microsoft.NET.Sdk.Web
// A subscriber in C#, in one file: dotnet run subscriber.cs
//
// PORT    where it listens               TOPIC   the address that was subscribed to
// SECRET  what was sent as hub.secret
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

var (port, topic, secret) = (Variable("PORT"), Variable("TOPIC"), Encoding.UTF8.GetBytes(Variable("SECRET")));
var seen = new ConcurrentDictionary<string, bool>(); // A delivery may come twice. Keep the ids where a restart does not lose them.
var app = WebApplication.CreateSlimBuilder().Build();

// At any path, since the hub calls what was sent as hub.callback. The hub asks whether this subscription is wanted: the challenge back says yes, a 404 says no.
app.MapGet("/{**path}", (HttpRequest request) => request.Query["hub.topic"] == topic ? Results.Text(request.Query["hub.challenge"]) : Results.NotFound());

app.MapPost("/{**path}", async (HttpRequest request) =>
{
    using var copy = new MemoryStream();
    await request.Body.CopyToAsync(copy);
    if (!IsSigned(request.Headers, copy.ToArray()))
    {
        return Results.Unauthorized(); // Not from the hub, or not from now: nothing is done with it.
    }

    using var document = JsonDocument.Parse(copy.ToArray());
    foreach (var item in document.RootElement.GetProperty("items").EnumerateArray().Reverse()) // The newest stands first.
    {
        if (seen.TryAdd(item.GetProperty("id").GetString()!, true))
        {
            Console.WriteLine(item.GetProperty("title").GetString());
        }
    }

    return Results.NoContent(); // Only now: what is answered with 2xx is not sent again.
});
app.Run($"http://127.0.0.1:{port}");

bool IsSigned(IHeaderDictionary headers, byte[] body)
{
    if (!IsSame(headers["X-Hub-Signature"].ToString(), "sha256=" + Convert.ToHexStringLower(HMACSHA256.HashData(secret, body))))
    {
        return false;
    }

    // Standard Webhooks: webhooks of an owner have these headers, and subscribers that asked for hub.signature=standard. If you did, do without this line.
    if (!headers.TryGetValue("webhook-signature", out var signatures))
    {
        return true;
    }

    var (id, sent) = (headers["webhook-id"].ToString(), headers["webhook-timestamp"].ToString());
    if (!long.TryParse(sent, out var seconds) || Math.Abs(TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() - seconds) > 300)
    {
        return false; // Overheard, and sent again later.
    }

    var expected = "v1," + Convert.ToBase64String(HMACSHA256.HashData(secret, (byte[])[.. Encoding.UTF8.GetBytes($"{id}.{sent}."), .. body]));
    return signatures.ToString().Split(' ').Any(one => IsSame(one, expected));
}

static bool IsSame(string given, string expected) => CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(given), Encoding.UTF8.GetBytes(expected));

static string Variable(string name) => Environment.GetEnvironmentVariable(name) ?? throw new InvalidOperationException($"Set {name}.");
