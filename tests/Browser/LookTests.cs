using ActivityHub.TestKit;
using Microsoft.Playwright;
using Shouldly;
using Xunit;

namespace ActivityHub.Browser;

/// <summary>
/// Every page on a phone and on a desk, in light and in dark: readable by everybody, no wider than the window, clean, and of this hub
/// alone.
/// </summary>
public sealed class LookTests(Chromium chromium)
{
    public static TheoryData<int, ColorScheme> Looks => new()
    {
        { 390, ColorScheme.Light }, { 390, ColorScheme.Dark }, { 1280, ColorScheme.Light }, { 1280, ColorScheme.Dark },
    };

    [Theory, MemberData(nameof(Looks))]
    public async Task Pages_that_anybody_sees(int width, ColorScheme scheme)
    {
        await using var window = await chromium.OpenAsync(width, scheme);
        foreach (var path in (string[])["/", "/sign-in", "/sign-up", "/try", "/docs", "/docs/http-api", "/docs/operations", "/phone"])
        {
            await window.GoAsync(path);
            await window.LooksRightAsync();
        }

        await window.GoAsync("/try");
        await window.ActAsync("Give me a feed");
        await window.LooksRightAsync();
    }

    [Theory, MemberData(nameof(Looks))]
    public async Task Pages_of_an_owner(int width, ColorScheme scheme)
    {
        await using var window = await chromium.OpenAsync(width, scheme);
        await using var scene = await ScenePage.FurnishAsync(chromium.Hub, window);
        foreach (var (_, path) in scene.Pages)
        {
            await window.GoAsync(path);
            if (path == scene.Device)
            {
                await window.Page.Locator("ol.updates > li").First.WaitForAsync();
            }

            await window.LooksRightAsync();
        }
    }

    [Fact]
    public async Task The_reference_of_the_API_is_drawn_from_the_hub_alone()
    {
        await using var window = await chromium.OpenAsync();
        await window.GoAsync("/docs/api");

        // What stands further down is drawn as one comes to it.
        await window.SeesAsync("/feeds/{feed}/updates");
    }

    [Fact]
    public async Task A_first_look_loads_little_script()
    {
        await using var window = await chromium.OpenAsync();
        await window.SignUpAsync();
        var (id, _) = await window.AddPhoneAsync();
        long bytes = 0;
        window.Page.Response += async (_, response) =>
        {
            if (response.Request.ResourceType == "script")
            {
                Interlocked.Add(ref bytes, (await response.Request.SizesAsync()).ResponseBodySize);
            }
        };

        await window.Page.GotoAsync($"/devices/{id}", new PageGotoOptions { WaitUntil = WaitUntilState.Load });

        await Eventually.ShouldAsync(() => Task.FromResult(Interlocked.Read(ref bytes) > 0));
        Interlocked.Read(ref bytes).ShouldBeLessThan(150 * 1024);
    }
}
