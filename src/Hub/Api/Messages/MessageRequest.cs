using System.Text.Json;
using System.Text.RegularExpressions;
using ActivityHub.Ledger.Devices;
using ActivityHub.Web;

namespace ActivityHub.Hub.Api.Messages;

/// <summary>A new message to a phone: a text, a link, both, or a command that the phone's app supports.</summary>
internal sealed partial record MessageRequest(string? Text, string? Url, string? Command, string? Arguments, TimeSpan ExpiresIn)
{
    private const int ShortestSeconds = 60;
    private const int LongestSeconds = 7 * 86_400;
    private const int DefaultSeconds = 86_400;

    /// <summary>Faults are left in the body.</summary>
    public static MessageRequest Read(JsonBody body)
    {
        var (saysText, saysUrl, saysCommand) = (!body.IsNull("text"), !body.IsNull("url"), !body.IsNull("command"));
        var request = new MessageRequest(
            body.Lines("text", 1, Message.MaxTextLength),
            ReadUrl(body),
            ReadCommand(body),
            body.JsonObject("arguments", Message.MaxArgumentsLength),
            TimeSpan.FromSeconds(body.Number("expiresIn", ShortestSeconds, LongestSeconds) ?? DefaultSeconds));
        if (!saysText && !saysUrl && !saysCommand)
        {
            body.Refuse("text", "The message says nothing; send text, url or both, or a command.");
        }
        else if (saysCommand && (saysText || saysUrl))
        {
            body.Refuse("command", "A message is a command, or text and url; send two messages.");
        }

        if (!saysCommand && !body.IsNull("arguments"))
        {
            body.Refuse("arguments", "arguments are of a command, and there is none; send command as well, or leave them out.");
        }

        return request;
    }

    private static string? ReadUrl(JsonBody body)
    {
        var url = body.Text("url", 1, Message.MaxUrlLength, required: false);
        if (url is null)
        {
            return null;
        }

        // Links that a phone opens: no script, no file, no telephone number, and no password.
        if (Uri.TryCreate(url, UriKind.Absolute, out var read) && read.Scheme is "http" or "https" && read.Host.Length > 0 &&
            read.UserInfo.Length == 0 &&
            !url.Any(char.IsWhiteSpace))
        {
            return url;
        }

        body.Refuse("url", "url must be an absolute http or https address without a user name, such as https://example.org/tickets/7.");
        return null;
    }

    private static string? ReadCommand(JsonBody body)
    {
        var command = body.Text("command", 1, Message.MaxCommandLength, required: false);
        if (command is null || Word.IsMatch(command))
        {
            return command;
        }

        body.Refuse(
            "command", $"command must be a word of 1 to {Message.MaxCommandLength} of A-Z a-z 0-9 . _ -, one that the phone's app knows.");
        return null;
    }

    [GeneratedRegex("^[A-Za-z0-9._-]+$", RegexOptions.CultureInvariant)]
    private static partial Regex Word { get; }
}

/// <summary>The body of a message, for the API's description.</summary>
/// <param name="Text">1 to 2,000 characters; line breaks may be in it.</param>
/// <param name="Url">An http or https address, up to 2,000 characters.</param>
/// <param name="Command">Instead of text and url: a word that the phone's app knows.</param>
/// <param name="Arguments">Of the command: an object of up to 4,096 characters.</param>
/// <param name="ExpiresIn">For how long it waits, in seconds: 60 to 604,800; a day unless said.</param>
internal sealed record MessageBody(string? Text, string? Url, string? Command, JsonElement? Arguments, int? ExpiresIn);
