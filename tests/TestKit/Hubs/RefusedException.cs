using System.Net;

namespace ActivityHub.TestKit;

/// <summary>The hub answered otherwise than the verb expected.</summary>
public sealed class RefusedException(HttpResponseMessage response, string body)
    : Exception(
        $"{response.RequestMessage?.Method} {response.RequestMessage?.RequestUri?.AbsolutePath} "
        + $"answered {(int)response.StatusCode}: {body}")
{
    /// <summary>The status that came.</summary>
    public HttpStatusCode StatusCode { get; } = response.StatusCode;

    /// <summary>The body that came.</summary>
    public string Body { get; } = body;
}
