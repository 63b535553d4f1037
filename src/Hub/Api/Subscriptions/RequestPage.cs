using System.Globalization;
using ActivityHub.Hub.Pages;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ActivityHub.Hub.Api.Subscriptions;

/// <summary>Shows the result of a request to <c>/hub</c> in a browser.</summary>
internal static class RequestPage
{
    public static ContentHttpResult Of(HttpResponse response, RequestResponse request)
    {
        var facts = string.Concat(Facts(request).Where(fact => fact.Value is not null)
            .Select(fact => $"<dt>{Html.Encode(fact.Name)}</dt><dd>{Html.Encode(fact.Value)}</dd>\n"));
        return Html.Page(response, "Request", $"""
            <h1>Request to {Html.Encode(request.Mode)}</h1>
            <p class="lead">{Html.Encode(request.Message)}</p>
            <dl>
            {facts}</dl>
            <p class="soft">This address is a secret of yours. It holds for a day after the request came to nothing.</p>
            """);
    }

    private static IEnumerable<(string Name, string? Value)> Facts(RequestResponse request) =>
    [
        ("State", request.State),
        ("Callback", request.Callback),
        ("Format", request.Format),
        ("Kinds", request.Kinds is null ? "all" : string.Join(", ", request.Kinds)),
        ("Taken", Time(request.At)),
        ("Asked", request.Tries == 0 ? null : $"{request.Tries} times, last at {Time(request.AskedAt)}"),
        ("Next attempt", Time(request.NextAttempt)),
        ("Last answer", request.LastStatus?.ToString(CultureInfo.InvariantCulture)),
        ("Reason", request.Reason),
        ("The answer began", request.Beginning),
        ("Decided", Time(request.EndedAt)),
    ];

    private static string? Time(DateTime? time) => time?.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);
}
