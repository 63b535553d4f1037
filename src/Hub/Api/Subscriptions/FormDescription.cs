using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace ActivityHub.Hub.Api.Subscriptions;

/// <summary>
/// The fields of <c>POST /hub</c> in the API's description. The route itself reads any body, to refuse a wrong one in plain text.
/// </summary>
internal static class FormDescription
{
    private static readonly (string Name, string Meaning)[] Fields =
    [
        ("hub.mode", "subscribe, unsubscribe or publish"),
        ("hub.topic", "the feed's address in one format, with its key if it has one"),
        ("hub.callback", "the http or https URL that is to be called"),
        ("hub.lease_seconds", "300 to 2592000; 864000 unless said"),
        ("hub.secret", "signs deliveries; shorter than 200 bytes"),
        ("hub.after", "start after this position instead of now"),
        ("hub.content", "full (unless said) or delta"),
        ("hub.signature", "sha1, sha256 (unless said), sha384 or sha512"),
        ("hub.url", "for publish: a topic; may be repeated"),
    ];

    public static Task Describe(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        var schema = new OpenApiSchema
        {
            Type = JsonSchemaType.Object,
            Required = new HashSet<string> { "hub.mode" },
            Properties = new Dictionary<string, IOpenApiSchema>()
        };
        foreach (var (name, meaning) in Fields)
        {
            schema.Properties[name] = new OpenApiSchema { Type = JsonSchemaType.String, Description = meaning };
        }

        operation.RequestBody = new OpenApiRequestBody
        {
            Required = true,
            Content = new Dictionary<string, OpenApiMediaType> { ["application/x-www-form-urlencoded"] = new() { Schema = schema } },
        };
        return Task.CompletedTask;
    }
}
