using System.Net;

namespace ActivityHub.TestKit;

/// <summary>Thrown when the hub's answer is not the expected one.</summary>
public sealed class RefusedException(HttpResponseMessage response, string body)
    : Exception(
        $"{response.RequestMessage?.Method} {response.RequestMessage?.RequestUri?.AbsolutePath} "
        + $"answered {(int)response.StatusCode}: {body}")
{
    /// <summary>The status of the answer.</summary>
    public HttpStatusCode StatusCode { get; } = response.StatusCode;

    /// <summary>The body of the answer.</summary>
    public string Body { get; } = body;
}
