using System.Net;
using System.Text;
using ActivityHub.Conformance.Access;
using Shouldly;
using static ActivityHub.Conformance.AtOnce.Effects;

namespace ActivityHub.Conformance.AtOnce;

/// <summary>Creates for each route a valid, effective request, with its own resources.</summary>
internal static class Requests
{
    private const string Redirect = "https://app.example/cb";
    private const string Note = """{"id":"once","kind":"note","title":"x"}""";

    /// <summary>The routes that need more than the body from the access table; all others use that body.</summary>
    private static readonly Dictionary<string, Func<Stage, Task<Repeated>>> Special = new(StringComparer.Ordinal)
    {
        ["POST /feeds/{feed}/updates"] = stage => stage.AsPhone("POST", $"/feeds/{stage.Phone.Feed}/updates", Note, stage.OneUpdate),
        ["POST /i/{ingestKey}"] = stage => stage.AsNobody("POST", stage.IngestPath, Note, stage.OneUpdate),
        ["PUT /i/{ingestKey}"] = stage => stage.AsNobody("PUT", stage.IngestPath, Note, stage.OneUpdate),
        ["POST /devices/{device}/inbox/acknowledged"] = async stage => await stage.AsPhone(
            "POST", $"/devices/{stage.Phone.Id}/inbox/acknowledged", $$"""{"ids":["{{await stage.MessageAsync()}}"]}""",
            SumOf("acknowledged", 1)),
        ["POST /devices/{device}/push"] = stage => stage.AsPhone("POST", $"/devices/{stage.Phone.Id}/push", stage.PushJson, Once(201, 200)),
        ["DELETE /devices/{device}/push/{push}"] = async stage => await stage.AsPhone(
            "DELETE", $"/devices/{stage.Phone.Id}/push/{await stage.PushAsync()}", null, Once(204, 404)),
        ["POST /api/feeds/{feed}/messages"] = stage =>
            stage.AsOwner("POST", $"/api/feeds/{stage.Phone.Feed}/messages", """{"text":"hello"}""",
            stage.AsManyAsSaid($"/api/feeds/{stage.Phone.Feed}/messages?limit=200")),
        ["GET /api/feeds/{feed}/messages/{message}"] = async stage =>
            await stage.AsOwner("GET", $"/api/feeds/{stage.Phone.Feed}/messages/{await stage.MessageAsync()}"),
        ["DELETE /api/feeds/{feed}/messages/{message}"] = async stage =>
            await stage.AsOwner("DELETE", $"/api/feeds/{stage.Phone.Feed}/messages/{await stage.MessageAsync()}"),

        ["POST /hub"] = stage => stage.AsNobody("POST", "/hub", () => stage.Subscribe("at once"), stage.OneSubscription),
        ["GET /subscriptions/{subscription}/"] = async stage => await stage.AsNobody("GET", await stage.StatusAsync("")),
        ["POST /subscriptions/{subscription}/redeliver"] = async stage =>
            await stage.AsNobody("POST", await stage.StatusAsync("/redeliver")),
        ["POST /subscriptions/{subscription}/resume"] = async stage => await stage.AsNobody("POST", await stage.StatusAsync("/resume")),

        ["POST /api/accounts"] = stage =>
            stage.AsNobody("POST", "/api/accounts", $$"""{"email":"{{stage.Email}}","password":"a long password"}""", Once(201, 409)),
        ["POST /api/tokens"] = async stage => await stage.AsNobody(
            "POST", "/api/tokens", $$"""{"email":"{{(await stage.OwnAccountAsync()).Email}}","password":"{{stage.Another!.Password}}"}"""),
        ["DELETE /api/tokens/{token}"] = async stage =>
            await stage.AsOwner("DELETE", $"/api/tokens/{await stage.TokenAsync()}", null, Once(204, 404)),
        ["POST /api/account/password"] = stage => stage.AsItselfAsync("POST", "/api/account/password",
            account => $$"""{"current":"{{account.Password}}","new":"another long password"}""", SomeAndElse(204, 403, 429)),
        ["DELETE /api/account"] = stage => stage.AsItselfAsync(
            "DELETE", "/api/account", account => $$"""{"password":"{{account.Password}}"}""", stage.AccountIsGone),

        ["POST /api/devices"] = stage => stage.AsAnother("POST", "/api/devices", """{"name":"phone"}""", "/api/devices"),
        ["DELETE /api/devices/{device}"] = stage => stage.AsOwner("DELETE", $"/api/devices/{stage.Phone.Id}", null, Once(204, 404)),
        ["POST /api/devices/{device}/key"] = stage => stage.AsOwner("POST", $"/api/devices/{stage.Phone.Id}/key", null, stage.OneKeyOpens),
        ["POST /api/devices/{device}/rejected/{rejected}/replay"] = async stage => await stage.AsOwner(
            "POST", $"/api/devices/{stage.Phone.Id}/rejected/{await stage.RejectedAsync()}/replay"),
        ["DELETE /api/devices/{device}/rejected/{rejected}"] = async stage => await stage.AsOwner(
            "DELETE", $"/api/devices/{stage.Phone.Id}/rejected/{await stage.RejectedAsync()}", null, Once(204, 404)),
        ["DELETE /api/feeds/{feed}/updates/{seq}"] = stage =>
            stage.AsOwner("DELETE", $"/api/feeds/{stage.Phone.Feed}/updates/1", null, Once(204, 404)),
        ["POST /api/feeds/{feed}/grants"] = stage => stage.AsOwner(
            "POST", $"/api/feeds/{stage.Phone.Feed}/grants", """{"name":"everybody","public":true}""", Once(201, 409)),
        ["DELETE /api/grants/{grant}"] = stage => stage.AsOwner("DELETE", $"/api/grants/{stage.Reader.Id}", null, Once(204, 404)),
        ["POST /api/zones"] = stage =>
            stage.AsAnother("POST", "/api/zones", """{"name":"home","type":"place","lat":1,"lon":2,"radius":500}""", "/api/zones"),
        ["DELETE /api/zones/{zone}"] = async stage =>
            await stage.AsOwner("DELETE", $"/api/zones/{await stage.ZoneAsync()}", null, Once(204, 404)),
        ["POST /api/feeds/{feed}/subscriptions"] = stage => stage.AsOwner("POST", $"/api/feeds/{stage.Phone.Feed}/subscriptions",
            $$"""{"callback":"{{stage.CallbackUrl}}","secret":"of the webhook"}""", async answers =>
            {
                await Once(201, 202)(answers);
                await stage.OneSubscription(answers);
            }),
        ["DELETE /api/subscriptions/{subscription}"] = async stage => await stage.AsOwner(
            "DELETE", $"/api/subscriptions/{await stage.SubscriptionAsync()}", null, stage.DeniedOnce),

        ["POST /api/apps"] = stage =>
            stage.AsAnother("POST", "/api/apps", $$"""{"name":"map","redirectUris":["{{Redirect}}"]}""", "/api/apps"),
        ["DELETE /api/apps/consents/{consent}"] = async stage =>
            (await stage.AsOwner("DELETE", $"/api/apps/consents/{await stage.ConsentAsync()}")).By(stage.Another!.Token),
        ["GET /api/app/feeds"] = async stage => (await stage.AsNobody("GET", "/api/app/feeds")).By(await stage.AllowAsync()),
        ["POST /oauth/register"] = stage =>
            stage.AsNobody("POST", "/oauth/register", $$"""{"client_name":"map","redirect_uris":["{{Redirect}}"]}"""),
        ["POST /oauth/authorize"] = stage => stage.AsBrowserAsync("/oauth/authorize", browser => stage.ConsentFormAsync(browser)),

        ["POST /sign-up"] = async stage =>
            (await stage.AsVisitorAsync(
                "/sign-up", ("email", stage.Email), ("password", "a long password"))) with
            { Effect = Once(303, 409) },
        ["POST /sign-in"] = async stage => await stage.AsVisitorAsync(
            "/sign-in", ("email", (await stage.OwnAccountAsync()).Email), ("password", stage.Another!.Password)),
        ["POST /sign-out"] = stage => stage.AsBrowserAsync("/sign-out", browser => browser.FormAsync("/account")),
        ["POST /account/keys/{key}/end"] = async stage => await stage.AsBrowserAsync(
            $"/account/keys/{await stage.TokenAsync()}/end", browser => browser.FormAsync("/account"), All(303)),
        ["POST /account/password"] = stage => stage.AsBrowserAsync("/account/password", browser => browser.FormAsync(
            "/account", ("current", stage.Another!.Password), ("new", "another long password")), SomeAndElse(303, 403, 429)),
        ["POST /account/passkeys/options"] = stage =>
            stage.AsBrowserAsync("/account/passkeys/options", browser => browser.FormAsync("/account")),
        ["POST /account/passkeys"] = stage =>
            stage.AsBrowserAsync("/account/passkeys", browser => browser.FormAsync("/account", ("credential", "{}"))),
        ["POST /account/passkeys/{passkey}/remove"] = stage =>
            stage.AsBrowserAsync("/account/passkeys/AAAA/remove", browser => browser.FormAsync("/account")),
        ["POST /account/confirmation"] = stage => stage.AsBrowserAsync("/account/confirmation", browser => browser.FormAsync("/account")),
    };

    /// <summary>Returns a route's request, with the resources that it needs.</summary>
    public static async Task<Repeated> OfAsync(string route, Stage stage)
    {
        if (Special.TryGetValue(route, out var special))
        {
            return await special(stage);
        }

        var (method, pattern) = route.Split(' ', 2) is [var first, var second]
            ? (first, second)
            : throw new ArgumentException(route, nameof(route));
        var (path, place) = (await stage.FillAsync(pattern), AccessTable.Places[route]);
        Func<HttpContent>? body = place.Json is { } json ? () => new StringContent(json, Encoding.UTF8, "application/json") : null;
        var request = new Repeated(method == "ANY" ? "GET" : method, path) { Body = body };
        return place.Rule switch
        {
            Rule.Phone or Rule.PhoneAbsent => request with { Key = stage.Phone.Key },
            Rule.Readers => request with { Key = stage.Reader.Key },
            Rule.Browser or Rule.BrowserOfOwner or Rule.BrowserAbsent => request with { Cookie = (await stage.BrowserAsync()).Cookie },
            _ => request with { Key = stage.Owner.Token },
        };
    }
}

/// <summary>Checks on all answers together.</summary>
internal static class Effects
{
    /// <summary>One answer has the first status, all others have one of the rest.</summary>
    public static Func<IReadOnlyList<Answered>, Task> Once(int first, params int[] rest) => answers =>
    {
        answers.Count(answer => answer.Status == first).ShouldBe(1, Statuses(answers));
        answers.ShouldAllBe(answer => answer.Status == first || rest.Contains(answer.Status), Statuses(answers));
        return Task.CompletedTask;
    };

    /// <summary>
    /// At least one answer has the first status, all others have it or one of the rest: a repetition changes nothing more.
    /// </summary>
    public static Func<IReadOnlyList<Answered>, Task> SomeAndElse(int first, params int[] rest) => answers =>
    {
        answers.Count(answer => answer.Status == first).ShouldBeGreaterThanOrEqualTo(1, Statuses(answers));
        answers.ShouldAllBe(answer => answer.Status == first || rest.Contains(answer.Status), Statuses(answers));
        return Task.CompletedTask;
    };

    public static Func<IReadOnlyList<Answered>, Task> All(int status) => answers =>
    {
        answers.ShouldAllBe(answer => answer.Status == status, Statuses(answers));
        return Task.CompletedTask;
    };

    /// <summary>The sum of a number in all answers.</summary>
    public static Func<IReadOnlyList<Answered>, Task> SumOf(string member, int sum) => answers =>
    {
        answers.ShouldAllBe(answer => answer.Status == (int)HttpStatusCode.OK, Statuses(answers));
        answers.Sum(answer => System.Text.Json.JsonElement.Parse(answer.Text).GetProperty(member).GetInt32()).ShouldBe(sum);
        return Task.CompletedTask;
    };

    public static string Statuses(IEnumerable<Answered> answers) =>
        string.Join(", ", answers.GroupBy(answer => answer.Status).Select(group => $"{group.Count()} × {group.Key}")) + "\n" +
        string.Join('\n', answers.Where(answer => answer.Status >= 400).Select(answer => answer.Text).Distinct().Take(3));
}
