using System.Text.Json;
using Microsoft.Playwright;
using Shouldly;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace ActivityHub.Browser;

public sealed class PhonePageTests(Chromium chromium)
{
    private const string Battery = """
        navigator.getBattery = async () => Object.assign(new EventTarget(), { level: 0.47, charging: true });
        """;

    [Fact]
    public async Task A_browser_is_a_phone_and_its_owner_sees_it_move_on_another()
    {
        await using var owner = await chromium.OpenAsync();
        await owner.SignUpAsync();
        var (id, address) = await owner.AddPhoneAsync();
        await owner.GoAsync($"/devices/{id}");
        await Expect(owner.Page.Locator("[data-live-state]")).ToHaveTextAsync("live");
        await using var phone = await OpenPhoneAsync(address, id, 48.8566f, 2.3522f);

        // One button of the two at a time.
        await Expect(phone.Page.Locator("[data-stop]")).ToBeHiddenAsync();
        await phone.ClickAsync("Start sending");
        await Expect(phone.Page.Locator("[data-start]")).ToBeHiddenAsync();
        await Expect(owner.Page.Locator("ol.updates")).ToContainTextAsync("48.8566");
        await Expect(owner.Page.Locator("ol.updates")).ToContainTextAsync("Battery 47 %");
        var began = TimeProvider.System.GetTimestamp();
        await phone.Context.SetGeolocationAsync(new Geolocation { Latitude = 48.86f, Longitude = 2.36f, Accuracy = 10 });
        await Expect(owner.Page.Locator("ol.updates")).ToContainTextAsync("48.8600");

        TestContext.Current.TestOutputHelper!.WriteLine(
            $"On the owner's page after {TimeProvider.System.GetElapsedTime(began).TotalMilliseconds:0} ms");
        if (await owner.Page.Locator("[data-map]").CountAsync() > 0)
        {
            await Expect(owner.Page.Locator("[data-map]")).ToHaveAttributeAsync("data-points", "2");
        }

        await phone.ClickAsync("Stop");
    }

    [Fact]
    public async Task Without_a_connection_it_keeps_what_it_has_and_sends_it_once_there_is_one()
    {
        await using var owner = await chromium.OpenAsync();
        await owner.SignUpAsync();
        var (id, address) = await owner.AddPhoneAsync();
        await using var phone = await OpenPhoneAsync(address, id, 48.8566f, 2.3522f);

        await phone.Context.SetOfflineAsync(true);
        await NoteAsync(phone, "first");
        await NoteAsync(phone, "second");
        await Expect(phone.Page.Locator("[data-queued]")).ToHaveTextAsync("2");
        await phone.Context.SetOfflineAsync(false);
        await Expect(phone.Page.Locator("[data-queued]")).ToHaveTextAsync("0", new LocatorAssertionsToHaveTextOptions { Timeout = 30_000 });

        await owner.GoAsync($"/devices/{id}");
        await Expect(owner.Page.Locator("ol.updates > li")).ToHaveCountAsync(2);
        await Expect(owner.Page.Locator("ol.updates > li").Last).ToContainTextAsync("first");
        phone.ForgetErrors();
    }

    [Fact]
    public async Task It_can_be_installed_and_is_there_without_a_connection()
    {
        await using var owner = await chromium.OpenAsync();
        await owner.SignUpAsync();
        var (id, address) = await owner.AddPhoneAsync();
        await using var phone = await OpenPhoneAsync(address, id, 48.8566f, 2.3522f, offersServiceWorkers: true);
        await phone.Page.EvaluateAsync("async () => { await navigator.serviceWorker.ready; }");
        var manifest = await phone.Page.APIRequest.GetAsync($"{chromium.Url}/phone/manifest.webmanifest");
        JsonDocument.Parse(await manifest.TextAsync()).RootElement.GetProperty("display").GetString().ShouldBe("standalone");

        await phone.Context.SetOfflineAsync(true);
        await phone.GoAsync("/phone");

        await phone.SeesAsync("Start sending");
        await phone.Context.SetOfflineAsync(false);
        phone.ForgetErrors();
    }

    [Fact]
    public async Task An_address_of_another_kind_is_not_taken()
    {
        await using var phone = await chromium.OpenAsync(390);
        await phone.GoAsync("/phone");
        await phone.FillAsync("The phone's address", "https://example.org/somewhere");
        await phone.ClickAsync("Pair");

        await phone.SeesAsync("This is no phone's address");
    }

    private async Task<Window> OpenPhoneAsync(string address, string device, float lat, float lon, bool offersServiceWorkers = false)
    {
        var phone = await chromium.OpenAsync(390, offersServiceWorkers: offersServiceWorkers);
        await phone.Context.GrantPermissionsAsync(["geolocation"], new BrowserContextGrantPermissionsOptions { Origin = chromium.Url });
        await phone.Context.SetGeolocationAsync(new Geolocation { Latitude = lat, Longitude = lon, Accuracy = 10 });
        await phone.Context.AddInitScriptAsync(Battery);
        await phone.GoAsync($"/phone#u={Uri.EscapeDataString(address)}&d={device}");
        await phone.SeesAsync("Start sending");
        return phone;
    }

    private static async Task NoteAsync(Window phone, string text)
    {
        await phone.FillAsync("A note", text);
        await phone.ClickAsync("Send it");
    }
}
