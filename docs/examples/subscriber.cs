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
    var expected = "sha256=" + Convert.ToHexStringLower(HMACSHA256.HashData(secret, copy.ToArray()));
    if (!CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(expected), Encoding.ASCII.GetBytes(request.Headers["X-Hub-Signature"].ToString())))
    {
        return Results.Unauthorized(); // Not from the hub: nothing is done with it.
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

static string Variable(string name) => Environment.GetEnvironmentVariable(name) ?? throw new InvalidOperationException($"Set {name}.");
