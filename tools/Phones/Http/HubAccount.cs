using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using ActivityHub.Phones.CommandLine;

namespace ActivityHub.Phones.Http;

/// <summary>The part of a hub's owner API that a fleet needs. A refusal ends the verb with the hub's own message.</summary>
internal sealed class HubAccount
{
    private readonly RequestSender _sender;

    private HubAccount(Uri hub, string token, RequestSender sender)
    {
        Hub = hub;
        Token = token;
        _sender = sender;
    }

    public Uri Hub { get; }

    /// <summary>A secret: printed only on request.</summary>
    public string Token { get; }

    public static HubAccount WithToken(Uri hub, string token, RequestSender sender) => new(hub, token, sender);

    /// <summary>Opens the account, or signs in to it if it already exists.</summary>
    public static async Task<HubAccount> OpenAsync(
        Uri hub,
        Credentials credentials,
        RequestSender sender,
        CancellationToken cancellationToken
    )
    {
        if (credentials.Token is { } token)
        {
            return WithToken(hub, token, sender);
        }

        var made = await PostAsync(sender, At(hub, "api/accounts"), null, Ordinary(), cancellationToken);
        // The account exists already if a lost answer had created it, or if the user named an existing account.
        var answer = made.Succeeded ? made : await PostAsync(sender, At(hub, "api/tokens"), null, Login(), cancellationToken);
        if (!answer.Succeeded)
        {
            throw new CommandFailedException(
                $"no account at {hub}: making one gave {made.Describe()}; signing in gave {answer.Describe()}"
            );
        }

        return WithToken(hub, Read(answer, HubJson.Default.TokenResponse, "token").Token, sender);

        // A fleet's account must not become the administrator, even if it is the first account of a hub on this machine.
        JsonObject Ordinary()
        {
            var body = Login();
            body["administrator"] = false;
            return body;
        }

        JsonObject Login() => new() { ["email"] = credentials.Email, ["password"] = credentials.Password };
    }

    public async Task<DeviceResponse> AddDeviceAsync(string name, CancellationToken cancellationToken)
    {
        var answer = await PostAsync(_sender, At(Hub, "api/devices"), Token, new JsonObject { ["name"] = name }, cancellationToken);
        if (!answer.Succeeded)
        {
            throw new CommandFailedException($"the hub made no device {name}: {answer.Describe()}");
        }

        return Read(answer, HubJson.Default.DeviceResponse, "device");
    }

    /// <param name="grant">The grant in the API's form: name, public, kinds, precision, from …</param>
    public async Task<GrantResponse> AddGrantAsync(string feed, JsonObject grant, CancellationToken cancellationToken)
    {
        var answer = await PostAsync(_sender, At(Hub, $"api/feeds/{Uri.EscapeDataString(feed)}/grants"), Token, grant, cancellationToken);
        if (!answer.Succeeded)
        {
            throw new CommandFailedException($"the hub made no grant on feed {feed}: {answer.Describe()}");
        }

        return Read(answer, HubJson.Default.GrantResponse, "grant");
    }

    /// <summary>Returns the URL of a path below the hub's address, which may itself have a path.</summary>
    public static Uri At(Uri hub, string path) => new(new Uri(hub.AbsoluteUri.TrimEnd('/') + "/"), path);

    private static Task<Answer> PostAsync(
        RequestSender sender,
        Uri url,
        string? token,
        JsonObject body,
        CancellationToken cancellationToken
    )
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(body, HubJson.Default.JsonObject);
        return sender.SendAsync(
            () =>
            {
                var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new ByteArrayContent(bytes) };
                request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
                if (token is not null)
                {
                    request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
                }

                return request;
            },
            cancellationToken
        );
    }

    private static T Read<T>(Answer answer, JsonTypeInfo<T> type, string what)
    {
        try
        {
            return JsonSerializer.Deserialize(answer.Body, type) ?? throw new CommandFailedException($"the hub's answer holds no {what}");
        }
        catch (JsonException failure)
        {
            // The message names the path of the fault and never a value, so it reveals no secret.
            throw new CommandFailedException($"the hub's answer is not a {what}: {failure.Message}");
        }
    }
}
