using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using ActivityHub.Hub.Accounts;
using ActivityHub.Hub.Api.Devices;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace ActivityHub.Hub.Description;

/// <summary>Corrects the schemas that the framework infers from types to the real JSON.</summary>
internal static class JsonShapes
{
    private static readonly Type[] Requests = [typeof(SignInForm), typeof(DeviceName)];

    public static Task TransformAsync(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancellationToken)
    {
        // Numbers are sent as numbers; the framework would read them out of strings as well.
        if (schema.Type is { } types && types.HasFlag(JsonSchemaType.String) &&
            (types & (JsonSchemaType.Integer | JsonSchemaType.Number)) != 0)
        {
            schema.Type = types & ~JsonSchemaType.String;
            schema.Pattern = null;
        }

        if (schema.Required is { Count: > 0 } required && context.JsonTypeInfo.Kind == JsonTypeInfoKind.Object)
        {
            var isRequest = Requests.Contains(context.JsonTypeInfo.Type) ||
                context.JsonTypeInfo.Type.Name is var name &&
                    (name.EndsWith("Body", StringComparison.Ordinal) || name.EndsWith("Change", StringComparison.Ordinal));
            foreach (var property in context.JsonTypeInfo.Properties)
            {
                if (IsLeftOut(property) || (isRequest && IsNullable(property)))
                {
                    required.Remove(property.Name);
                }
            }
        }

        return Task.CompletedTask;
    }

    // Of an answer, a member that is null is there all the same unless it says so.
    private static bool IsLeftOut(JsonPropertyInfo property) =>
        property.AttributeProvider?.IsDefined(typeof(JsonIgnoreAttribute), inherit: true) == true;

    private static bool IsNullable(JsonPropertyInfo property) =>
        property.IsGetNullable || Nullable.GetUnderlyingType(property.PropertyType) is not null;
}
