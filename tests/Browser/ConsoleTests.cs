using ActivityHub.TestKit;
using ActivityHub.Workers.Chores;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Shouldly;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace ActivityHub.Browser;

public sealed class ConsoleTests(Chromium chromium)
{
    [Theory]
    [InlineData(390)]
    [InlineData(1280)]
    public async Task What_a_phone_tells_is_on_its_page_at_once_in_the_list_on_the_map_and_in_a_chart(int width)
    {
        await using var window = await chromium.OpenAsync(width);
        await window.SignUpAsync();
        var (id, address) = await window.AddPhoneAsync();
        await window.GoAsync($"/devices/{id}");
        await Expect(window.Page.Locator("[data-live-state]")).ToHaveTextAsync("live");

        await PostAsync(address, """{"kind":"geo","location":{"lat":48.8566,"lon":2.3522,"accuracy":20}}""");
        await PostAsync(address, """{"kind":"battery","data":{"level":47,"charging":true}}""");

        await Expect(window.Page.Locator("ol.updates > li")).ToHaveCountAsync(2);
        await Expect(window.Page.Locator("ol.updates > li").First).ToContainTextAsync("Battery 47 %");
        if (await window.Page.Locator("[data-map]").CountAsync() > 0)
        {
            await Expect(window.Page.Locator("[data-map]")).ToHaveAttributeAsync("data-last", "48.8566,2.3522");
            await Expect(window.Page.Locator("figcaption").First).ToContainTextAsync("Battery, %: 47");
        }

        await window.Page.Locator("[data-filter]").SelectOptionAsync("geo");
        await Expect(window.Page.Locator("ol.updates > li")).ToHaveCountAsync(1);
    }

    [Fact]
    public async Task A_day_shows_what_the_phone_saw_on_it_in_the_list_and_on_the_map()
    {
        await using var window = await chromium.OpenAsync();
        await window.SignUpAsync();
        var (id, address) = await window.AddPhoneAsync();
        await PostAsync(address, """{"kind":"geo","location":{"lat":48.8566,"lon":2.3522,"accuracy":20}}""");
        await PostAsync(
            address,
            """[{"kind":"geo","at":"2017-08-01T10:00:00Z","location":{"lat":1.5,"lon":2.5,"accuracy":20}},{"kind":"battery","at":"2017-08-01T11:00:00Z","data":{"level":47}}]""");
        await window.GoAsync($"/devices/{id}");
        await Expect(window.Page.Locator("ol.updates > li")).ToHaveCountAsync(3);
        var map = window.Page.Locator("[data-map]");
        var hasMap = await map.CountAsync() > 0;
        if (hasMap)
        {
            await Expect(map).ToHaveAttributeAsync("data-last", "48.8566,2.3522");
        }

        await ChooseAsync("2017-08-01");
        await Expect(window.Page.Locator("ol.updates > li")).ToHaveCountAsync(2);
        await Expect(window.Page.Locator("ol.updates > li").First).ToContainTextAsync("Battery 47 %");
        if (hasMap)
        {
            await Expect(map).ToHaveAttributeAsync("data-last", "1.5,2.5");
            // One circle of exactness, beside the dot and the track.
            await Expect(map.Locator("path[stroke-opacity='0.4']")).ToHaveCountAsync(1);
        }

        await ChooseAsync("2016-01-01");
        await window.SeesAsync("Nothing was seen on that day.");
        await Expect(window.Page.Locator("[data-empty]")).ToBeHiddenAsync();
        await Expect(window.Page.Locator("[data-more]")).ToBeHiddenAsync();
        if (hasMap)
        {
            await Expect(map).ToHaveAttributeAsync("data-last", "");
            await Expect(map).ToHaveAttributeAsync("data-points", "0");
        }

        await ChooseAsync("");
        await Expect(window.Page.Locator("ol.updates > li")).ToHaveCountAsync(3);

        async Task ChooseAsync(string day)
        {
            await window.Page.Locator("input[name=day]").FillAsync(day);
            await window.ClickAsync("Go there");
        }
    }

    [Theory]
    [InlineData(390)]
    [InlineData(1280)]
    public async Task A_view_is_given_seen_as_they_see_it_lowered_and_revoked(int width)
    {
        await using var window = await chromium.OpenAsync(width);
        await window.SignUpAsync();
        var (id, address) = await window.AddPhoneAsync();
        await PostAsync(address, """{"kind":"geo","location":{"lat":48.8566,"lon":2.3522,"accuracy":20}}""");
        await PostAsync(address, """{"kind":"battery","data":{"level":47}}""");
        await window.GoAsync($"/devices/{id}/sharing");

        var give = window.Page.Locator("form[data-api^='POST /api/feeds']").First;
        await give.Locator("input[name=name]").FillAsync("a friend");
        await give.Locator("input[name=kinds][value=geo]").CheckAsync();
        await give.Locator("select[name=precision]").SelectOptionAsync("1km");
        await give.GetByRole(AriaRole.Button, new LocatorGetByRoleOptions { Name = "Give it" }).ClickAsync();
        var shown = give.Locator("output code").First;
        await Expect(shown).ToContainTextAsync(".atom?key=rk_");
        var reader = await shown.InnerTextAsync();
        (await chromium.Hub.Http.GetStringAsync(reader, TestContext.Current.CancellationToken)).ShouldNotContain("2.3522");

        await window.GoAsync($"/devices/{id}/sharing");
        await window.FollowAsync("See it as they see it, and what they got");
        await Expect(window.Page.Locator("[data-preview] li")).ToHaveCountAsync(1);
        await Expect(window.Page.Locator("[data-preview]")).Not.ToContainTextAsync("2.3522");
        await Expect(window.Page.Locator("[data-preview]")).Not.ToContainTextAsync("battery");
        await window.LooksRightAsync();

        await window.GoAsync($"/devices/{id}/sharing");
        await window.UnfoldAsync("Lower it");
        await window.Page.Locator("form[data-api^='PATCH /api/grants'] select").SelectOptionAsync("none");
        await window.ClickAsync("Change it");
        await window.SeesAsync("places not at all");

        await window.UnfoldAsync("Revoke it");
        await window.ClickAsync("Revoke a friend");
        await window.SeesAsync("Only you see it.");
        using var gone = await chromium.Hub.Http.GetAsync(reader, TestContext.Current.CancellationToken);
        ((int)gone.StatusCode).ShouldBe(404);
    }

    [Fact]
    public async Task Making_a_feed_public_asks_twice_and_shows_a_kilometre()
    {
        await using var window = await chromium.OpenAsync();
        await window.SignUpAsync();
        var (id, _) = await window.AddPhoneAsync();
        await window.GoAsync($"/devices/{id}/sharing");

        await window.UnfoldAsync("Make this feed public");
        // Without the second yes the browser does not send it.
        await window.ClickAsync("Make it public");
        await Expect(window.Page.Locator("article.card")).ToHaveCountAsync(0);
        await window.Page.GetByText("I want everyone to see this").ClickAsync();
        await window.ClickAsync("Make it public");

        await Expect(window.Page.Locator("article.card")).ToContainTextAsync("places to 1 km");
        await Expect(window.Page.Locator("article.card")).ToContainTextAsync("public");
    }

    [Fact]
    public async Task A_webhook_is_made_called_looked_at_replayed_and_ended()
    {
        await using var callback = await CallbackListener.StartAsync();
        await using var window = await chromium.OpenAsync();
        await window.SignUpAsync();
        var (id, address) = await window.AddPhoneAsync();
        await window.MakeWebhookAsync(id, callback.Url());

        await ReloadUntilAsync(window, "active");
        await PostAsync(address, """{"kind":"battery","data":{"level":47}}""");
        await ReloadUntilAsync(window, "update 1");
        await window.LooksRightAsync();
        await window.UnfoldAsync("Send again from an update on");
        await window.Page.Locator("input[name=from]").FillAsync("1");
        await window.ActAsync("Replay");
        await window.UnfoldAsync("End it");
        await window.ClickAsync("End it");

        await window.Page.WaitForURLAsync("**/subscriptions");
        await window.SeesAsync("denied");
    }

    [Fact]
    public async Task A_test_update_goes_the_way_of_any_other()
    {
        await using var window = await chromium.OpenAsync(390, ColorScheme.Dark);
        await window.SignUpAsync();
        var (id, _) = await window.AddPhoneAsync();
        await window.GoAsync($"/devices/{id}/subscriptions");

        await window.ActAsync("Send a test update");
        await window.GoAsync($"/devices/{id}");

        await Expect(window.Page.Locator("ol.updates > li")).ToContainTextAsync("A test update");
    }

    [Theory]
    [InlineData(390, ColorScheme.Dark)]
    [InlineData(1280, ColorScheme.Light)]
    public async Task A_message_waits_for_the_phone_and_can_be_taken_back(int width, ColorScheme scheme)
    {
        await using var window = await chromium.OpenAsync(width, scheme);
        await window.SignUpAsync();
        var (id, _) = await window.AddPhoneAsync();
        await window.GoAsync($"/devices/{id}/messages");
        await window.FillAsync("Text", "Call home");

        await window.ClickAsync("Send");
        await window.SeesAsync("waiting");
        await window.ClickAsync("Take it back");

        await window.SeesAsync("revoked");
    }

    [Theory]
    [InlineData(390, ColorScheme.Light)]
    [InlineData(1280, ColorScheme.Dark)]
    public async Task A_phone_is_renamed_thinned_and_removed(int width, ColorScheme scheme)
    {
        await using var window = await chromium.OpenAsync(width, scheme);
        await window.SignUpAsync();
        var (id, _) = await window.AddPhoneAsync();
        await window.GoAsync($"/devices/{id}/settings");
        await window.FillAsync("Name", "the old one");
        await window.ClickAsync("Rename");
        await Expect(window.Page.Locator("h1")).ToHaveTextAsync("the old one");
        await window.FillAsync("Merge places closer than", "50");
        await window.Page.Locator("form:has(input[name=thinMetres]) button").ClickAsync();
        await Expect(window.Page.Locator("input[name=thinMinutes]")).ToHaveValueAsync("10");

        await window.UnfoldAsync("Remove this phone");
        await window.Page.GetByText("Erase everything of the old one").ClickAsync();
        await window.ClickAsync("Remove it");

        await window.SeesAsync("Give your first phone a feed");
    }

    [Fact]
    public async Task An_owner_sees_who_read_what()
    {
        await using var window = await chromium.OpenAsync();
        await window.SignUpAsync();
        var (id, address) = await window.AddPhoneAsync();
        await PostAsync(address, """{"kind":"battery","data":{"level":47}}""");
        await window.GoAsync($"/devices/{id}/sharing");
        var give = window.Page.Locator("form[data-api^='POST /api/feeds']").First;
        await give.Locator("input[name=name]").FillAsync("a friend");
        await give.GetByRole(AriaRole.Button, new LocatorGetByRoleOptions { Name = "Give it" }).ClickAsync();
        var reader = await give.Locator("output code").First.InnerTextAsync();
        await chromium.Hub.Http.GetStringAsync(reader, TestContext.Current.CancellationToken);

        await window.GoAsync("/receipts");

        await ReloadUntilAsync(window, "a friend");
    }

    [Fact]
    public async Task Administration_is_for_administrators()
    {
        await using var window = await chromium.OpenAsync();
        var email = await window.SignUpAsync();
        await ScenePage.SetAdministratorAsync(chromium.Hub, email);

        await window.GoAsync("/admin");
        await window.SeesAsync("Oldest update not delivered");
        await window.SeesAsync(email);
        await using var other = await chromium.OpenAsync();
        await other.SignUpAsync();

        (await other.Page.APIRequest.GetAsync($"{chromium.Url}/admin")).Status.ShouldBe(404);
    }

    [Fact]
    public async Task Who_runs_the_hub_sees_which_hosts_fail()
    {
        await using var window = await chromium.OpenAsync();
        await ScenePage.SetAdministratorAsync(chromium.Hub, await window.SignUpAsync());
        var (id, address) = await window.AddPhoneAsync();
        var callback = await CallbackListener.StartAsync();
        await window.MakeWebhookAsync(id, callback.Url("/with/a/secret"));
        await ReloadUntilAsync(window, "active");

        await callback.DisposeAsync();
        await PostAsync(address, """{"kind":"battery","data":{"level":47}}""");

        await window.GoAsync("/admin");
        await ReloadUntilAsync(window, new Uri(callback.Origin).Authority);
        (await window.Page.Locator("main").InnerTextAsync()).ShouldNotContain("/with/a/secret");
        await window.LooksRightAsync();
    }

    [Fact]
    public async Task What_an_owner_should_know_is_on_the_first_page_and_with_its_subscription()
    {
        await using var window = await chromium.OpenAsync(390);
        await window.SignUpAsync();
        var (id, address) = await window.AddPhoneAsync();
        await window.GoAsync("/notices");
        await window.SeesAsync("There is nothing.");
        await using var callback = await CallbackListener.StartAsync();
        await window.MakeWebhookAsync(id, callback.Url());
        await ReloadUntilAsync(window, "active");

        callback.Answers(System.Net.HttpStatusCode.Gone);
        await PostAsync(address, """{"kind":"battery","data":{"level":47}}""");
        await ReloadUntilAsync(window, "gone");
        // The chore that runs each few minutes.
        await chromium.Hub.Services.GetRequiredService<ChoreJobs>().TellOwnersAsync(TestContext.Current.CancellationToken);

        await ReloadUntilAsync(window, "the callback answered 410");
        await window.FollowAsync("Today");
        await window.SeesAsync("What you should know");
        await window.FollowAsync("All notices");
        await window.SeesAsync("the callback answered 410");
        await window.LooksRightAsync();
        await window.FollowAsync(callback.Url());
        await window.Page.WaitForURLAsync("**/subscriptions/*");
    }

    [Fact]
    public async Task What_could_not_be_read_is_shown_and_thrown_away()
    {
        await using var window = await chromium.OpenAsync();
        await window.SignUpAsync();
        var (id, address) = await window.AddPhoneAsync();
        await PostAsync(address, "nonsense");
        await window.GoAsync($"/devices/{id}/rejected");

        await window.SeesAsync("It is neither JSON nor a form.");
        await window.ClickAsync("Throw it away");

        await window.SeesAsync("Everything that this phone sent could be read.");
    }

    [Fact]
    public async Task A_fault_is_shown_where_it_was_made()
    {
        await using var window = await chromium.OpenAsync();
        await window.SignUpAsync();
        var (id, _) = await window.AddPhoneAsync();
        await window.GoAsync($"/devices/{id}/subscriptions");
        await window.FillAsync("Address that is called", "https://user:word@example.org/hook");
        await window.FillAsync("Secret", "x");
        await window.ClickAsync("Make it");

        await Expect(window.Page.Locator("[role=alert]")).ToBeVisibleAsync();
        window.ForgetErrors();
    }

    [Fact]
    public async Task A_phone_of_somebody_else_is_not_there()
    {
        await using var one = await chromium.OpenAsync();
        await one.SignUpAsync();
        var (id, _) = await one.AddPhoneAsync();
        await using var other = await chromium.OpenAsync();
        await other.SignUpAsync();

        foreach (var path in (string[])["", "/feed.json", "/stream", "/setup", "/sharing", "/subscriptions", "/messages", "/rejected",
            "/settings"])
        {
            (await other.Page.APIRequest.GetAsync($"{chromium.Url}/devices/{id}{path}")).Status.ShouldBe(404, path);
        }
    }

    private async Task PostAsync(string address, string json)
    {
        using var content = new StringContent(json, System.Text.Encoding.UTF8, "application/json");
        using var answer = await chromium.Hub.Http.PostAsync(address, content, TestContext.Current.CancellationToken);
        answer.IsSuccessStatusCode.ShouldBeTrue(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    private static Task ReloadUntilAsync(Window window, string text) => Eventually.ShouldAsync(async () =>
    {
        await window.Page.ReloadAsync();
        return (await window.Page.Locator("main").InnerTextAsync()).Contains(text, StringComparison.Ordinal);
    });
}
