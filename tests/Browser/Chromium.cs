using ActivityHub.TestKit;
using Microsoft.Playwright;
using Xunit;

[assembly: AssemblyFixture(typeof(ActivityHub.Browser.Chromium))]

namespace ActivityHub.Browser;

/// <summary>
/// The machine's own Chromium, and one hub that all tests share. Where there is none the tests skip, and say what to install; where CI is
/// set they fail.
/// </summary>
public sealed class Chromium : IAsyncLifetime
{
    private static readonly string[] Places = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

    private IPlaywright? _playwright;
    private IBrowser? _browser;
    private HubApp? _hub;

    /// <summary>The hub, reached as localhost, which browsers hold to be as good as https.</summary>
    public HubApp Hub => _hub ?? throw new InvalidOperationException("There is no browser.");

    public string Url { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        var path = Environment.GetEnvironmentVariable("HUB_TEST_CHROMIUM") ?? Places.FirstOrDefault(File.Exists);
        if (path is null)
        {
            return;
        }

        // Where a machine is busy with everything at once, what takes milliseconds elsewhere takes seconds.
        Assertions.SetDefaultExpectTimeout(30_000);
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = path,
            // As root, in a container, there is no sandbox to be had; the pages are our own.
            Args = ["--no-sandbox", "--disable-dev-shm-usage"],
        });
        _hub = await HubApp.StartAsync(Database.Sqlite, options =>
        {
            options.Settings["Try:Enabled"] = "true";
            options.Settings["Deliveries:BackoffBase"] = "00:00:00.050";
            options.Settings["Hub:AllowedCallbackNetworks"] = "127.0.0.0/8,::1/128";
            // Passkeys are bound to a name, and an address is none.
            options.PublicHost = "localhost";
        });
        Url = _hub.BaseUrl;
    }

    /// <summary>A window of its own, as wide as a phone or a desk.</summary>
    internal async Task<Window> OpenAsync(int width = 1280, ColorScheme scheme = ColorScheme.Light, bool offersServiceWorkers = false)
    {
        if (_browser is null)
        {
            const string Missing = "There is no Chromium here: apt-get install chromium, or name one in HUB_TEST_CHROMIUM.";
            Assert.SkipUnless(Environment.GetEnvironmentVariable("CI") == "true", Missing);
            Assert.Fail(Missing);
        }

        return await Window.OpenAsync(_browser, Url, width, scheme, offersServiceWorkers);
    }

    public async ValueTask DisposeAsync()
    {
        if (_hub is not null)
        {
            await _hub.DisposeAsync();
        }

        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }

        _playwright?.Dispose();
    }
}
