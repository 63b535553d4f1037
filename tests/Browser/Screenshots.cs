using Microsoft.Playwright;
using Xunit;

namespace ActivityHub.Browser;

/// <summary>
/// The pictures of docs/images: <c>dotnet run --project tests/Browser -- -explicit only</c>. No test; it is here because it wants what the
/// tests have.
/// </summary>
public sealed class Screenshots(Chromium chromium)
{
    [Fact(Explicit = true)]
    public async Task Of_every_page()
    {
        var folder = Path.Combine(Root(), "docs", "images");
        Directory.CreateDirectory(folder);
        foreach (var (scheme, width) in new[] { (ColorScheme.Light, 1280), (ColorScheme.Dark, 390) })
        {
            await using var window = await chromium.OpenAsync(width, scheme);
            var look = $"{(width < 600 ? "phone" : "desk")}-{scheme.ToString().ToLowerInvariant()}";
            foreach (var (name, path) in new[] { ("first", "/"), ("sign-in", "/sign-in"), ("sign-up", "/sign-up"), ("try", "/try"),
                ("phone", "/phone"), ("docs", "/docs"), ("docs-http-api", "/docs/http-api") })
            {
                await TakeAsync(window, path, Path.Combine(folder, $"{name}-{look}.png"), isLive: false);
            }

            await using var scene = await ScenePage.FurnishAsync(chromium.Hub, window);
            foreach (var (name, path) in scene.Pages)
            {
                await TakeAsync(window, path, Path.Combine(folder, $"{name}-{look}.png"), isLive: path == scene.Device);
            }

            await TakeAsync(
                window, await AppTests.AuthorizeUrlAsync(chromium.Hub, "http://127.0.0.1/answer"),
                Path.Combine(folder, $"consent-{look}.png"), isLive: false);
        }
    }

    private static async Task TakeAsync(Window window, string path, string file, bool isLive)
    {
        await window.GoAsync(path);
        if (isLive)
        {
            await window.Page.Locator("ol.updates > li").First.WaitForAsync();
            await Assertions.Expect(window.Page.Locator("[data-live-state]")).ToHaveTextAsync("live");
        }

        await window.Page.WaitForLoadStateAsync(isLive ? LoadState.Load : LoadState.NetworkIdle);
        await window.Page.ScreenshotAsync(new PageScreenshotOptions { Path = file });
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Hub.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("There is no Hub.sln above this program.");
    }
}
