using System.Buffers.Text;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ActivityHub.TestKit;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Playwright;
using Shouldly;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace ActivityHub.Browser;

public sealed class AppTests(Chromium chromium)
{
    private const string Details =
        """[{"type":"activity_feed","kinds":["battery","geo"],"precision":"exact","history":"all","delaySeconds":0,"actions":["read","subscribe"]}]""";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(390, ColorScheme.Dark)]
    [InlineData(1280, ColorScheme.Light)]
    public async Task An_owner_gives_an_app_less_than_it_asks_for_and_takes_it_back(int width, ColorScheme scheme)
    {
        await using var window = await chromium.OpenAsync(width, scheme);
        await using var app = await CallbackListener.StartAsync();
        window.Invite(app.Origin);
        await window.SignUpAsync();
        await window.AddPhoneAsync("her other phone");
        var (id, _) = await window.AddPhoneAsync();
        await window.GoAsync(await AuthorizeUrlAsync(chromium.Hub, app.Url("/answer")));
        await window.LooksRightAsync();

        foreach (var phone in (string[])["my phone", "her other phone"])
        {
            var row = window.Page.Locator("[data-phone]", new PageLocatorOptions { HasText = phone });
            await row.GetByLabel(phone).CheckAsync();
            await row.GetByLabel("geo").CheckAsync();
            await row.GetByLabel("Places").SelectOptionAsync("1km");
        }

        await window.ActAsync("Allow");
        var answer = app.At("/answer").Requests.ShouldHaveSingleItem();
        QueryHelpers.ParseQuery(answer.Query).ShouldContainKey("code");

        await window.GoAsync($"/devices/{id}/sharing");
        var card = window.Page.Locator("article.card");
        await Expect(card).ToContainTextAsync("geo, places to 1 km");
        await Expect(card).ToContainTextAsync("it also sees her other phone");
        await window.LooksRightAsync();
        await window.UnfoldAsync("End all that this app has");
        await window.ClickAsync("End Battery Map");

        await window.SeesAsync("Only you see it.");
    }

    /// <summary>Where an app that has just been registered sends the browser.</summary>
    internal static async Task<string> AuthorizeUrlAsync(HubApp hub, string redirect)
    {
        var developer = await hub.SignUpAsync();
        using var registered = await developer.Http.PostAsJsonAsync(
            "/api/apps",
            new { name = "Battery Map", redirectUris = new[] { redirect }, homepage = "https://app.example/", confidential = false },
            Cancel);
        var client = (await registered.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("clientId").GetString();
        return QueryHelpers.AddQueryString("/oauth/authorize", new Dictionary<string, string?>
        {
            ["response_type"] = "code",
            ["client_id"] = client,
            ["redirect_uri"] = redirect,
            ["state"] = "s",
            ["code_challenge"] = Base64Url.EncodeToString(
                SHA256.HashData(Encoding.ASCII.GetBytes("a verifier that is known to the app alone"))),
            ["code_challenge_method"] = "S256",
            ["authorization_details"] = Details,
        });
    }
}
