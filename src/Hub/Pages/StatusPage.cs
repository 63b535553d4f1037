using System.Globalization;
using ActivityHub.Hub.Subscriptions;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ActivityHub.Hub.Pages;

/// <summary>A subscription's status for whoever opens the link in a browser.</summary>
internal static class StatusPage
{
    public static ContentHttpResult Of(HttpResponse response, StatusAnswer status)
    {
        var facts = string.Concat(Facts(status).Where(fact => fact.Value is not null)
            .Select(fact => $"<dt>{Html.Encode(fact.Name)}</dt><dd>{Html.Encode(fact.Value)}</dd>\n"));
        var rows = string.Concat(status.Attempts.Select(Row));
        var attempts = rows.Length == 0
            ? "<p>Nothing has been sent yet.</p>"
            : $"<table><thead><tr><th>At</th><th>Updates</th><th>Answer</th><th>Took</th></tr></thead><tbody>\n{rows}</tbody></table>";
        return Html.Page(response, "Subscription", $"""
            <h1>Subscription {Html.Encode(status.Id)}</h1>
            <p class="lead">What this hub delivers to your callback, and how that goes. This address is a secret of yours.</p>
            <dl>
            {facts}</dl>
            <h2>Last attempts</h2>
            {attempts}
            """);
    }

    private static IEnumerable<(string Name, string? Value)> Facts(StatusAnswer status) =>
    [
        ("State", status.State),
        ("Format", status.Format),
        ("Kinds", status.Kinds is null ? "all" : string.Join(", ", status.Kinds)),
        ("Lease until", Time(status.LeaseUntil)),
        ("Ended", Time(status.EndedAt)),
        ("Lane", status.Lane),
        ("Cursor", status.Cursor?.ToString()),
        ("Behind", status.Behind?.ToString(CultureInfo.InvariantCulture)),
        ("Last answer", status.LastStatus?.ToString(CultureInfo.InvariantCulture)),
        ("Failing since", Time(status.FailingSince)),
        ("Next attempt", Time(status.NextAttempt)),
    ];

    private static string Row(StatusAttempt attempt) =>
        $"<tr><td>{Time(attempt.At)}</td><td>{Html.Encode($"{attempt.From} to {attempt.To}")}</td>" +
        $"<td>{Html.Encode(attempt.Status?.ToString(CultureInfo.InvariantCulture) ?? "none")} {Html.Encode(attempt.Error)}</td><td>{attempt.Milliseconds} ms</td></tr>\n";

    private static string? Time(DateTime? time) => time?.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);
}
