using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ActivityHub.FeedApi.Intake;
using ActivityHub.Ledger.Devices;
using ActivityHub.Ledger.Keys;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.DependencyInjection;

namespace ActivityHub.FeedApi.Tests.Intake;

/// <summary>
/// A request as an app sends it, and what is to come of it: a file of the folder of its format,
/// <code>
/// { "about": "what is odd in it",
/// "request": { "method": "POST", "query": "?a=b", "headers": { "Content-Type": "…" }, "body": any JSON, or a text that is sent as it is },
/// "answer": { "status": 200, "body": any JSON, or a text }, "updates": [ { "kind", "at", "title", "location", "data" } ], "rejected": [ "a
/// part of the reason" ], "now": "when it came", "named": true, "passphrase": "for OwnTracks", "mail": [ { "text", "url", "from" }, {
/// "command", "arguments", "grant" } ] } </code> All but <c>request</c> and <c>answer</c> may be left out. <c>named</c>: it is read as its
/// folder's format only where the address names that.
/// </summary>
internal sealed class PhoneFixture(string path, JsonObject file)
{
    public static readonly ServiceProvider Services = AllFormats();

    private static readonly DateTimeOffset UsualNow = new(2026, 11, 28, 12, 0, 0, TimeSpan.Zero);
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Intake", "Fixtures");

    private readonly Dictionary<string, string> _headers = (file["request"]!["headers"]?.AsObject() ?? [])
        .ToDictionary(header => header.Key, header => header.Value!.GetValue<string>(), StringComparer.OrdinalIgnoreCase);

    private readonly byte[]? _passphrase = file["passphrase"]?.GetValue<string>() is { } text
        ? Services.GetRequiredService<SecretBox>().Seal(text)
        : null;

    public static PhoneFormats Formats => Services.GetRequiredService<PhoneFormats>();

    public static IReadOnlyList<string> Names { get; } =
        [.. Directory.EnumerateFiles(Folder, "*.json", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(Folder, file).Replace('\\', '/')).Order(StringComparer.Ordinal)];

    /// <summary>As in the ingest address: the folder's name.</summary>
    public string FormatName => path.Split('/')[0];

    public IPhoneFormat Format => Formats.Find(FormatName)!;

    public bool IsFoundByItself => file["named"]?.GetValue<bool>() is not true;

    public JsonNode Answer => file["answer"]!;

    public JsonArray Updates => file["updates"]?.AsArray() ?? [];

    public IReadOnlyList<string> Rejected => [.. (file["rejected"]?.AsArray() ?? []).Select(reason => reason!.GetValue<string>())];

    public DateTimeOffset Now => file["now"] is { } now ? now.GetValue<DateTimeOffset>() : UsualNow;

    public byte[] Body => file["request"]!["body"] switch
    {
        null => [],
        JsonValue text when text.GetValueKind() == JsonValueKind.String => Encoding.UTF8.GetBytes(text.GetValue<string>()),
        var json => Encoding.UTF8.GetBytes(json.ToJsonString()),
    };

    public static PhoneFixture Open(string name) => new(name, JsonNode.Parse(File.ReadAllBytes(Path.Combine(Folder, name)))!.AsObject());

    /// <summary>The request, with another body where one is given.</summary>
    public PhoneRequest Request(byte[]? body = null)
    {
        var request = file["request"]!;
        return new PhoneRequest(
            request["method"]?.GetValue<string>() ?? "POST", request["query"]?.GetValue<string>() ?? "", _headers, body ?? Body, Now)
        {
            Rules = DeviceRules.None with { Passphrase = _passphrase },
        };
    }

    /// <summary>What waits for the phone.</summary>
    public IReadOnlyList<Message> Mail() => [.. (file["mail"]?.AsArray() ?? []).Select((message, index) => Written(message!, index + 1))];

    private Message Written(JsonNode said, long id)
    {
        var message = Message.Write(
            1, id, said["grant"]?.GetValue<long>() ?? 0, said["from"]?.GetValue<string>() ?? "Ada", Now, Now.AddHours(1));
        if (said["command"] is { } command)
        {
            message.Ask(command.GetValue<string>(), said["arguments"]?.ToJsonString());
        }
        else
        {
            message.Say(said["text"]?.GetValue<string>(), said["url"]?.GetValue<string>());
        }

        return message;
    }

    // As the roles register them; what they need of the ledger, without a ledger.
    private static ServiceProvider AllFormats()
    {
        var services = new ServiceCollection();
        services.AddPhones();
        services.AddSingleton<IDataProtectionProvider>(new EphemeralDataProtectionProvider());
        services.AddSingleton<SecretBox>();
        return services.BuildServiceProvider();
    }
}
