using ActivityHub.Ledger;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.Options;
using Microsoft.OpenApi;

namespace ActivityHub.Hub.Description;

/// <summary>
/// The description of the API (OpenAPI). Most of it comes from the types of the routes. What types do not say stands in written.json, which
/// is itself an OpenAPI document: the names of the operations, the keys that open them, and the answers that are written byte by byte.
/// </summary>
internal static class ApiDescription
{
    private const string Resource = "description/written.json";

    private static readonly Lazy<OpenApiDocument> Written = new(Read);

    public static void AddApiDescription(this IServiceCollection services) => services.AddOpenApi(options =>
    {
        options.AddSchemaTransformer(JsonShapes.TransformAsync);
        options.AddDocumentTransformer(CompleteAsync);
    });

    private static Task CompleteAsync(
        OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
    {
        var written = Written.Value;
        document.Info = written.Info;
        document.Servers = [new OpenApiServer { Url = context.ApplicationServices.GetRequiredService<IOptions<HubOptions>>().Value.Base }];
        document.Security = written.Security;
        document.Tags = written.Tags;
        document.Components ??= new OpenApiComponents();
        document.Components.SecuritySchemes = written.Components!.SecuritySchemes;
        document.Components.Schemas ??= new Dictionary<string, IOpenApiSchema>();
        foreach (var (name, schema) in written.Components.Schemas!)
        {
            document.Components.Schemas[name] = schema;
        }

        foreach (var (path, item) in document.Paths)
        {
            foreach (var (method, operation) in item.Operations ?? [])
            {
                var known = written.Paths.GetValueOrDefault(path)?.Operations?.GetValueOrDefault(method);
                operation.OperationId = known?.OperationId ?? NameOf(method, path);
                if (known is not null)
                {
                    Complete(operation, known);
                }
            }
        }

        return Task.CompletedTask;
    }

    private static void Complete(OpenApiOperation operation, OpenApiOperation known)
    {
        operation.Summary = known.Summary ?? operation.Summary;
        operation.Security = known.Security ?? operation.Security;
        operation.RequestBody = known.RequestBody ?? operation.RequestBody;
        operation.Parameters = known.Parameters ?? operation.Parameters;
        operation.Tags = known.Tags is { Count: > 0 } tags ? tags : operation.Tags;
        if (known.Responses is not { Count: > 0 } answers)
        {
            return;
        }

        operation.Responses ??= [];
        // Where a handler has no typed result the framework assumes a 200 without content.
        if (!answers.ContainsKey("200") && operation.Responses.GetValueOrDefault("200") is { Content: null or { Count: 0 } })
        {
            operation.Responses.Remove("200");
        }

        foreach (var (status, answer) in answers)
        {
            operation.Responses[status] = answer;
        }
    }

    // A route that is not written down yet has a name all the same, and keeps it as long as it keeps its address.
    private static string NameOf(HttpMethod method, string path) => method.Method.ToLowerInvariant() + string.Concat(
        path.Split(['/', '.', '-', '_', '{', '}'], StringSplitOptions.RemoveEmptyEntries)
            .Select(part => char.ToUpperInvariant(part[0]) + part[1..]));

    private static OpenApiDocument Read()
    {
        using var stream = typeof(ApiDescription).Assembly.GetManifestResourceStream(Resource)!;
        using var reader = new StreamReader(stream);
        return OpenApiDocument.Parse(reader.ReadToEnd(), OpenApiConstants.Json).Document
            ?? throw new InvalidOperationException("The written part of the API's description cannot be read.");
    }
}
