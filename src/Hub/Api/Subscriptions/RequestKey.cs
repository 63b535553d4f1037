using System.Net.Http.Headers;
using System.Text;

namespace ActivityHub.Hub.Api.Subscriptions;

/// <summary>The reader key of a request that carries it in a header, not in the address.</summary>
internal static class RequestKey
{
    /// <summary>Of <c>Authorization: Bearer</c>, or Basic, whose password it is. Null where there is none.</summary>
    public static string? Of(HttpRequest request)
    {
        if (!AuthenticationHeaderValue.TryParse(request.Headers.Authorization, out var header) ||
            header.Parameter is not { Length: > 0 and < 1024 } parameter)
        {
            return null;
        }

        if (header.Scheme.Equals("Bearer", StringComparison.OrdinalIgnoreCase))
        {
            return parameter;
        }

        var decoded = new byte[parameter.Length];
        return header.Scheme.Equals("Basic", StringComparison.OrdinalIgnoreCase) &&
            Convert.TryFromBase64String(parameter, decoded, out var length) &&
            Encoding.UTF8.GetString(decoded, 0, length).Split(':', 2) is [_, { Length: > 0 } password]
                ? password
                : null;
    }
}
