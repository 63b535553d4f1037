using Microsoft.AspNetCore.WebUtilities;

namespace ActivityHub.Web;

/// <summary>
/// Every type of problem document that the product answers with. Each has a section in docs/problems.md; a test holds both equal.
/// </summary>
public static class ProblemTypes
{
    // Of any request.
    public static readonly ProblemType Invalid = new("invalid", 400, "The request is not valid");
    public static readonly ProblemType NotFound = new("not-found", 404, "Not found");
    public static readonly ProblemType NotSignedIn = new("not-signed-in", 401, "Not signed in");
    public static readonly ProblemType Forbidden = new("forbidden", 403, "Not allowed");
    public static readonly ProblemType MethodNotAllowed = new("method-not-allowed", 405, "Method not allowed");
    public static readonly ProblemType Conflict = new("conflict", 409, "It conflicts with the current state");
    public static readonly ProblemType TooLarge = new("too-large", 413, "Too large");
    public static readonly ProblemType MediaType = new("media-type", 415, "This content type is not taken");
    public static readonly ProblemType TooManyRequests = new("too-many-requests", 429, "Too many requests");
    public static readonly ProblemType Internal = new("internal", 500, "The hub has failed");
    public static readonly ProblemType Status = new("status", 400, "Bad Request");
    public static readonly ProblemType Unavailable = new("unavailable", 503, "Not available just now");

    // Of bodies.
    public static readonly ProblemType Body = new("body", 400, "The body could not be read");
    public static readonly ProblemType ContentEncoding = new("content-encoding", 415, "This content encoding is not taken");
    public static readonly ProblemType CorruptEncoding = new("corrupt-encoding", 400, "The body cannot be decompressed");
    public static readonly ProblemType NotUtf8 = new("not-utf-8", 400, "The body is not UTF-8");

    // Of phones.
    public static readonly ProblemType Unauthorized = new("unauthorized", 401, "The key does not open this feed");
    public static readonly ProblemType Empty = new("empty", 400, "The body holds no update");
    public static readonly ProblemType BadUpdates = new("bad-updates", 400, "Nothing was stored: not every update is as it should be");
    public static readonly ProblemType Refused = new("refused", 422, "The database does not take these updates");
    public static readonly ProblemType UnknownFormat = new("unknown-format", 404, "There is no such format");
    public static readonly ProblemType Loop = new("loop", 410, "A hub's delivery is not taken in");
    public static readonly ProblemType BadAcknowledgement = new("bad-acknowledgement", 400, "The acknowledgement cannot be read");
    public static readonly ProblemType BadPushEndpoint = new("bad-push-endpoint", 400, "The push endpoint cannot be taken");
    public static readonly ProblemType TooManyEndpoints = new("too-many-endpoints", 409, "Too many push endpoints");

    // Of readers.
    public static readonly ProblemType BadQuery = new("bad-query", 400, "The address is faulty");
    public static readonly ProblemType TooManyStreams = new("too-many-streams", 429, "Too many streams of this phone");

    // Of owners and apps.
    public static readonly ProblemType SignUpClosed = new("sign-up-closed", 403, "Sign-up is closed");
    public static readonly ProblemType CodeRefused = new("code-refused", 403, "The code opens nothing");
    public static readonly ProblemType WrongPassword = new("wrong-password", 403, "Not the account's password");
    public static readonly ProblemType NotConfirmed = new("not-confirmed", 403, "The email address is not confirmed");
    public static readonly ProblemType AppRequest = new("app-request", 400, "The app's request is faulty");
    public static readonly ProblemType NoAccess = new("no-access", 401, "No access");
    public static readonly ProblemType TooManyApps = new("too-many-apps", 429, "Too many apps");

    /// <summary>In the order of the names.</summary>
    public static IReadOnlyList<ProblemType> All { get; } =
    [
        .. typeof(ProblemTypes).GetFields().Select(field => field.GetValue(null)).OfType<ProblemType>()
            .OrderBy(type => type.Name, StringComparer.Ordinal),
    ];

    /// <summary>
    /// For a status that left without a problem: the catalogue's first type of that status, else <see cref="Status"/> with the words of
    /// HTTP.
    /// </summary>
    public static ProblemType OfStatus(int status) =>
        Array.Find(
            [Invalid, NotSignedIn, Forbidden, NotFound, MethodNotAllowed, Conflict, TooLarge, MediaType, TooManyRequests, Internal,
                Unavailable], type => type.Status == status)
            ?? Status with { Status = status, Title = ReasonPhrases.GetReasonPhrase(status) };
}
