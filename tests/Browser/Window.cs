using System.Collections.Concurrent;
using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using Shouldly;
using static Microsoft.Playwright.Assertions;

namespace ActivityHub.Browser;

/// <summary>
/// A browser window with nothing in it from before. At its end there must have been no error on its console, and no request to another
/// host.
/// </summary>
internal sealed class Window : IAsyncDisposable
{
    private readonly ConcurrentQueue<string> _errors = new();
    private readonly ConcurrentQueue<string> _strangers = new();
    private string? _invited;

    private Window(IBrowserContext context, IPage page)
    {
        Context = context;
        Page = page;
    }

    public IBrowserContext Context { get; }

    public IPage Page { get; }

    public static async Task<Window> OpenAsync(IBrowser browser, string url, int width, ColorScheme scheme, bool offersServiceWorkers)
    {
        var context = await browser.NewContextAsync(new BrowserNewContextOptions
        {
            BaseURL = url,
            ViewportSize = new ViewportSize { Width = width, Height = width < 600 ? 844 : 900 },
            ColorScheme = scheme,
            ReducedMotion = ReducedMotion.Reduce,
            ServiceWorkers = offersServiceWorkers ? ServiceWorkerPolicy.Allow : ServiceWorkerPolicy.Block,
        });
        context.SetDefaultTimeout(30_000);
        var window = new Window(context, await context.NewPageAsync());
        window.Page.Console += (_, message) =>
        {
            if (message.Type == "error")
            {
                window._errors.Enqueue($"{message.Text} ({message.Location})");
            }
        };
        window.Page.PageError += (_, error) => window._errors.Enqueue(error);
        context.Request += (_, request) =>
        {
            if (!request.Url.StartsWith(url, StringComparison.Ordinal) && !window.IsInvited(request.Url) &&
                !request.Url.StartsWith("data:", StringComparison.Ordinal) && !request.Url.StartsWith("blob:", StringComparison.Ordinal))
            {
                window._strangers.Enqueue(request.Url);
            }
        };
        return window;
    }

    /// <summary>An origin to which the hub sends the browser, as to an app's with its answer.</summary>
    public void Invite(string origin) => _invited = origin;

    private bool IsInvited(string url) => _invited is not null && url.StartsWith(_invited + "/", StringComparison.Ordinal);

    public Task GoAsync(string path) => Page.GotoAsync(path);

    public Task ClickAsync(string button) =>
        Page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = button, Exact = true }).First.ClickAsync();

    /// <summary>
    /// Clicks on what answers with a page, and waits for that page: whoever goes on before it would have his own next step broken off by
    /// it.
    /// </summary>
    public async Task ActAsync(string button)
    {
        var loaded = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        void Loaded(object? sender, IPage page) => loaded.TrySetResult();
        Page.Load += Loaded;
        try
        {
            await ClickAsync(button);
            await loaded.Task.WaitAsync(TimeSpan.FromSeconds(30));
        }
        finally
        {
            Page.Load -= Loaded;
        }
    }

    public Task FollowAsync(string link) =>
        Page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = link, Exact = true }).First.ClickAsync();

    public Task UnfoldAsync(string summary) =>
        Page.Locator("summary", new PageLocatorOptions { HasTextString = summary }).First.ClickAsync();

    public Task FillAsync(string label, string text) => Page.GetByLabel(label).First.FillAsync(text);

    public Task SeesAsync(string text) =>
        Expect(Page.GetByText(text).First).ToBeVisibleAsync(new LocatorAssertionsToBeVisibleOptions { Timeout = 30_000 });

    /// <summary>Opens an account by its form; the window is signed in afterwards. Returns its address.</summary>
    public async Task<string> SignUpAsync()
    {
        var email = $"{Guid.NewGuid():N}@example.org";
        await GoAsync("/sign-up");
        await FillAsync("Email address", email);
        await Page.Locator("input[type=password]").First.FillAsync("a long password");
        await Page.Locator("main form button").First.ClickAsync();
        await Expect(Page).Not.ToHaveURLAsync(new System.Text.RegularExpressions.Regex("/sign-up$"));
        return email;
    }

    /// <summary>Adds a phone by its form; returns its id and its ingest address.</summary>
    public async Task<(string Id, string IngestUrl)> AddPhoneAsync(string name = "my phone")
    {
        await GoAsync("/today");
        if (await Page.GetByText("Add a phone").CountAsync() > 0)
        {
            await Page.GetByText("Add a phone").First.ClickAsync();
        }

        await Page.Locator("form[data-api='POST /api/devices'] input[name=name]").FillAsync(name);
        await ClickAsync("Add it");
        await Page.WaitForURLAsync("**/devices/*/setup");
        var id = new Uri(Page.Url).AbsolutePath.Split('/')[2];
        return (id, await Page.Locator("code.copyable").First.InnerTextAsync());
    }

    /// <summary>Makes a webhook by its form, and is on its page afterwards.</summary>
    public async Task MakeWebhookAsync(string device, string callback)
    {
        await GoAsync($"/devices/{device}/subscriptions");
        await FillAsync("Address that is called", callback);
        await FillAsync("Secret", "of the hook");
        await ClickAsync("Make it");
        await Page.WaitForURLAsync("**/subscriptions/*");
    }

    /// <summary>No violation of accessibility that axe knows, and nothing that has to be scrolled sideways.</summary>
    public async Task LooksRightAsync()
    {
        var result = await Page.RunAxe(new AxeRunOptions { ResultTypes = [ResultType.Violations] });
        result.Violations.Select(
            violation => $"{violation.Id}: {violation.Help}: {string.Join("; ", violation.Nodes.Take(3).Select(node => node.Html))}")
                .ShouldBeEmpty(Page.Url);
        var width = await Page.EvaluateAsync<int>("document.documentElement.scrollWidth - document.documentElement.clientWidth");
        width.ShouldBeLessThanOrEqualTo(0, $"{Page.Url} is wider than its window");
    }

    /// <summary>From here on: a test that takes the network away, or is refused on purpose, causes errors of its own.</summary>
    public void ForgetErrors() => _errors.Clear();

    public async ValueTask DisposeAsync()
    {
        await Context.DisposeAsync();
        _errors.ShouldBeEmpty("The console must stay clean.");
        _strangers.ShouldBeEmpty("Nothing is asked of another host.");
    }
}
