using Microsoft.Playwright;
using Xunit;

namespace ActivityHub.Browser;

/// <summary>
/// The pictures of docs/images: <c>dotnet run --project tests/Browser -- -explicit only</c>. No test; it is here because it wants what the tests have.
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
            await window.SignUpAsync();
            var id = await ScenePage.FurnishAsync(chromium.Hub, window);
            var look = $"{(width < 600 ? "phone" : "desk")}-{scheme.ToString().ToLowerInvariant()}";
            foreach (var path in (IEnumerable<string>)["/", "/try", "/phone", "/docs", .. ScenePage.Paths(id)])
            {
                await window.GoAsync(path);
                if (path.EndsWith(id, StringComparison.Ordinal))
                {
                    await window.Page.Locator("ol.updates > li").First.WaitForAsync();
                    await Assertions.Expect(window.Page.Locator("[data-live-state]")).ToHaveTextAsync("live");
                }

                await window.Page.WaitForLoadStateAsync(path.EndsWith(id, StringComparison.Ordinal) ? LoadState.Load : LoadState.NetworkIdle);
                var name = path == "/" ? "first" : path.Replace($"/devices/{id}", "device", StringComparison.Ordinal).Trim('/').Replace('/', '-');
                await window.Page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(folder, $"{name}-{look}.png") });
            }
        }
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Hub.sln")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("There is no Hub.sln above this program.");
    }
}
