using Xunit;
using static Microsoft.Playwright.Assertions;

namespace ActivityHub.Browser;

public sealed class TryTests(Chromium chromium)
{
    [Theory]
    [InlineData(390)]
    [InlineData(1280)]
    public async Task A_visitor_sends_an_update_and_sees_its_delivery_arrive_signed(int width)
    {
        await using var window = await chromium.OpenAsync(width);
        await window.GoAsync("/try");
        await window.ClickAsync("Give me a feed");
        await Expect(window.Page.Locator("[data-try-state]")).ToHaveTextAsync("subscribed");

        await window.ClickAsync("Send it");

        await Expect(window.Page.Locator("[data-arrivals] li")).ToContainTextAsync("signature right");
        await Expect(window.Page.Locator("[data-arrivals] li")).ToContainTextAsync("ms after the hub had it");
    }
}
