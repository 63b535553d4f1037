using System.Net.Sockets;
using System.Security.Authentication;

namespace ActivityHub.Workers.Outbound;

/// <summary>
/// Describes why a request got no answer, in words that owners and subscribers see with the attempts. The exceptions' own messages may
/// contain the URL with its query, which is secret, so only the kind of failure is named.
/// </summary>
internal static class ConnectionTrouble
{
    public static string Words(Exception exception) => Cause<AuthenticationException>(exception) is { } tls ? Words(tls)
        : Cause<SocketException>(exception) is { } socket ? Words(socket)
        : exception switch
        {
            HttpIOException { HttpRequestError: var error } => Words(error),
            HttpRequestException { HttpRequestError: var error } => Words(error),
            _ => "The connection failed.",
        };

    /// <summary>The exception itself or what lies beneath it.</summary>
    public static T? Cause<T>(Exception exception)
        where T : Exception
    {
        for (var current = exception; current is not null; current = current.InnerException)
        {
            if (current is T found)
            {
                return found;
            }
        }

        return null;
    }

    // .NET describes a certificate error only in the message, by the names of its enumerations.
    private static string Words(AuthenticationException exception) => exception.Message switch
    {
        var text when text.Contains("RemoteCertificateNameMismatch", StringComparison.Ordinal) => "Its certificate is not for this name.",
        var text when text.Contains("NotTimeValid", StringComparison.Ordinal) => "Its certificate has run out, or is not valid yet.",
        var text when text.Contains("RemoteCertificateChainErrors", StringComparison.Ordinal) ||
            text.Contains("UntrustedRoot", StringComparison.Ordinal) ||
            text.Contains("PartialChain", StringComparison.Ordinal) =>
                "Its certificate is not signed by an authority that this hub trusts.",
        _ => "No secure connection could be made (TLS or certificate).",
    };

    private static string Words(SocketException exception) => exception.SocketErrorCode switch
    {
        SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain or SocketError.NoRecovery =>
            "Its name could not be resolved.",
        SocketError.ConnectionReset or SocketError.ConnectionAborted or SocketError.Shutdown => "It broke the connection off.",
        _ => "No connection could be made.",
    };

    private static string Words(HttpRequestError error) => error switch
    {
        HttpRequestError.NameResolutionError => "Its name could not be resolved.",
        HttpRequestError.ConnectionError => "No connection could be made.",
        HttpRequestError.SecureConnectionError => "No secure connection could be made (TLS or certificate).",
        HttpRequestError.ResponseEnded => "It closed the connection without an answer.",
        HttpRequestError.ConfigurationLimitExceeded => "Its answer's headers are too large.",
        HttpRequestError.InvalidResponse => "It did not answer in HTTP.",
        _ => "The connection failed.",
    };
}
