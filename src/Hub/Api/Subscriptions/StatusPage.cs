using System.Globalization;
using System.Text.Json.Nodes;
using ActivityHub.Hub.Pages;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ActivityHub.Hub.Api.Subscriptions;

/// <summary>Shows a subscription's status in a browser.</summary>
internal static class StatusPage
{
    public static ContentHttpResult Of(HttpResponse response, StatusResponse status, string key)
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
            {Actions(status, key)}
            {Parked(status)}
            <h2>Last attempts</h2>
            {attempts}
            {Changes(status)}
            """, hasForms: true);
    }

    // Addresses as seen from this page: it may be reached by another name, or below a path.
    private static string Actions(StatusResponse status, string key)
    {
        if (status.State is not ("active" or "suspended"))
        {
            return "";
        }

        string Button(string action, string label)
        {
            var address = Html.Encode($"{status.Id}/{action}?key={Uri.EscapeDataString(key)}");
            return $"""<form method="post" action="{address}"><button>{label}</button></form>""";
        }

        var resume = status.Lane == "catchUp" ? Button("resume", "Try now") : "";
        var redeliver = status.Parked > 0 ? Button("redeliver", "Send the parked updates again") : "";
        return $"<p>{resume}{redeliver}</p>";
    }

    private static string Parked(StatusResponse status)
    {
        if (status.ParkedUpdates.Count == 0)
        {
            return "";
        }

        var rows = string.Concat(status.ParkedUpdates.Select(parked =>
            $"<tr><td>{Html.Encode(parked.Seq?.ToString())}</td><td>{Time(parked.At)}</td>" +
            $"<td>{Html.Encode(Number(parked.Status))} {Html.Encode(parked.Error)} {Html.Encode(parked.Answer)}</td>" +
            $"<td>{Time(parked.Wanted)}</td></tr>\n"));
        return $"""
            <h2>Parked updates</h2>
            <p>Your callback refused these while it accepted others. They wait until somebody asks for them.</p>
            <table><thead><tr><th>Update</th><th>Parked</th><th>Answer</th><th>Asked for</th></tr></thead><tbody>
            {rows}</tbody></table>
            """;
    }

    private static string Changes(StatusResponse status)
    {
        if (status.Changes.Count == 0)
        {
            return "";
        }

        var rows = string.Concat(status.Changes.Select(change =>
            $"<tr><td>{Time(change.At)}</td><td>{change.Mode}</td><td>{Time(change.LeaseUntil)}</td>" +
            $"<td>{change.SecretChanged switch { true => "changed", false => "the same", _ => "" }}</td>" +
            $"<td>{Html.Encode(change.Network)}</td></tr>\n"));
        return $"""
            <h2>Changes</h2>
            <p>What your callback confirmed. If one of these was not yours, let it confirm only what you asked for, and take an address that
                nobody can guess.</p>
            <table><thead><tr><th>At</th><th>What</th><th>Lease until</th><th>Secret</th><th>From</th></tr></thead><tbody>
            {rows}</tbody></table>
            """;
    }

    private static IEnumerable<(string Name, string? Value)> Facts(StatusResponse status) =>
    [
        ("State", status.State),
        ("Format", status.Format),
        ("Kinds", status.Kinds is null ? "all" : string.Join(", ", status.Kinds)),
        ("Lease until", Time(status.LeaseUntil) ?? (status.State is "active" or "suspended" ? "no end" : null)),
        ("Ended", Time(status.EndedAt)),
        ("Lane", status.Lane),
        ("Cursor", status.Cursor?.ToString()),
        ("Behind", status.Behind?.ToString(CultureInfo.InvariantCulture)),
        ("Last answer", Number(status.LastStatus)),
        ("Failing since", Time(status.FailingSince)),
        ("Next attempt", Time(status.NextAttempt)),
        ("Gap", status.Gap is JsonObject gap ? $"{gap["from"]} to {gap["to"]}" : status.Gap is null ? null : "yes"),
        ("Replay after", status.ReplayAfter?.ToString()),
        ("Parked", status.Parked == 0 ? null : Number(status.Parked)),
    ];

    private static string Row(StatusAttempt attempt) =>
        $"<tr><td>{Time(attempt.At)}</td><td>{Html.Encode($"{attempt.From} to {attempt.To}")}</td>" +
        $"<td>{Html.Encode(Number(attempt.Status) ?? "none")} {Html.Encode(attempt.Error)}</td><td>{attempt.Milliseconds} ms</td></tr>\n";

    private static string? Number(int? number) => number?.ToString(CultureInfo.InvariantCulture);

    private static string? Time(DateTime? time) => time?.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);
}
