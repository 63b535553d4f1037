using ActivityHub.Hub.Accounts;
using ActivityHub.Ledger;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace ActivityHub.Hub.Pages;

/// <summary>The first page of the hub, for a visitor without an account.</summary>
internal static class FirstPage
{
    public static void MapFirstPage(this IEndpointRouteBuilder routes) => routes.MapGet("/", Show);

    private static ContentHttpResult Show(HttpContext http, IOptions<HubOptions> hub, IOptions<AccountOptions> accounts)
    {
        var address = Html.Encode(hub.Value.Base);
        var ways = http.User.Identity is { IsAuthenticated: true }
            ? """<a href="/today">your phones</a>, <a href="/account">your account</a>"""
            : accounts.Value.SignUp == AccountOptions.Open ? """<a href="/sign-up">open an account</a>, <a href="/sign-in">sign in</a>"""
            : """<a href="/sign-in">sign in</a>; this hub takes no new accounts""";
        var (first, path) = accounts.Value.SignUp == AccountOptions.Open
            ? ("Open an account", "/api/accounts")
            : ("Get a token for your account", "/api/tokens");
        http.Response.Headers.CacheControl = "private, no-cache";
        return Html.Page(http.Response, "Activity Hub", $$$"""
            <h1>Activity Hub</h1>
            <p class="lead">Every phone gets a feed. It posts what happens to it; whoever its owner lets in reads that feed as Atom, RSS or
                JSON,
            follows it live, or subscribes a callback URL to it and is told at once.</p>

            <p>In a browser: {{{ways}}}. Or from a shell:</p>

            <h2>1. {{{first}}}</h2>
            <pre><code>curl -s {{{address}}}{{{path}}} -H 'Content-Type: application/json' \
              -d '{"email":"you@example.org","password":"a long password"}'</code></pre>
            <p>The answer holds your token. Keep it: <code>TOKEN=at_…</code></p>

            <h2>2. Add a phone</h2>
            <pre><code>curl -s {{{address}}}/api/devices -H "Authorization: Bearer $TOKEN" \
              -H 'Content-Type: application/json' -d '{"name":"my phone"}'</code></pre>
            <p>It gets a feed, and a key that may write to it and nothing else: <code>FEED=… KEY=dk_…</code></p>

            <h2>3. Post an update</h2>
            <pre><code>curl -s {{{address}}}/feeds/$FEED/updates -H "Authorization: Bearer $KEY" \
              -H 'Content-Type: application/json' -d '{"kind":"battery","data":{"level":47,"charging":true}}'</code></pre>

            <h2>4. Let somebody read it</h2>
            <pre><code>curl -s {{{address}}}/api/feeds/$FEED/grants -H "Authorization: Bearer $TOKEN" \
              -H 'Content-Type: application/json' -d '{"name":"a friend"}'</code></pre>
            <p>The answer holds the feed's addresses with a key for that friend alone. You read it with your own token:</p>
            <pre><code>curl -s {{{address}}}/feeds/$FEED.json -H "Authorization: Bearer $TOKEN"
            curl -N {{{address}}}/feeds/$FEED/stream -H "Authorization: Bearer $TOKEN"</code></pre>

            <h2>5. Subscribe a callback (WebSub)</h2>
            <pre><code>curl -i {{{address}}}/hub --data-urlencode hub.mode=subscribe \
              --data-urlencode "hub.topic=…the friend's atom address…" \
              --data-urlencode hub.callback=https://your.server/callback --data-urlencode hub.secret=something</code></pre>

            <h2>More</h2>
            <p>The API's description: <a href="/openapi/v1.json">/openapi/v1.json</a>. Is it well:
            <a href="/health/ready">/health/ready</a>. The rest: <a href="/docs">the documentation</a> of this version.</p>
            """);
    }
}
