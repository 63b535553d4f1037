using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using ActivityHub.TestKit;
using Microsoft.Playwright;
using Shouldly;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace ActivityHub.Browser;

/// <summary>
/// Web Push from the API to the notification. Of the browser's vendor there is nothing here: the push service is a listener on loopback,
/// the subscription's keys are the test's, and what it decrypts reaches the browser's own service worker by the DevTools protocol, as the
/// vendor's connection would bring it. Nobody taps on a notification without a desktop: the page is opened instead, as the tap does.
/// </summary>
public sealed class PushTests(Chromium chromium)
{
    // Refuses what Chromium refuses, and notes the key that the push service would hold the hub to (RFC 8292 §4).
    private const string Vendor = """
        (() => {
          const stored = (name, value) => value === undefined ? localStorage.getItem(`vendor.${name}`)
                : value === null ? localStorage.removeItem(`vendor.${name}`) : localStorage.setItem(`vendor.${name}`, value);
          const subscription = { ...__SUBSCRIPTION__, unsubscribe: async () => { stored("key", null); return true; } };
          PushManager.prototype.subscribe = async ({ userVisibleOnly, applicationServerKey }) => {
            if (Notification.permission !== "granted" || !userVisibleOnly)
                    throw new DOMException("Registration failed - permission denied", "NotAllowedError");
            if (typeof applicationServerKey !== "string")
                    throw new DOMException("Registration failed - missing applicationServerKey", "AbortError");
            stored("key", applicationServerKey);
            return subscription;
          };
          PushManager.prototype.getSubscription = async () => stored("key") === null ? null : subscription;
        })();
        """;

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_message_reaches_a_phone_whose_page_is_closed_and_is_acknowledged_once_the_page_shows_it()
    {
        await using var service = await CallbackListener.AnsweringAsync(HttpStatusCode.Created);
        using var keys = new PushedPhone();
        var (owner, device) = await PairAsync();
        await using var phone = await OpenAsync(device, keys, service);
        await AllowPushAsync(phone);
        var key = await phone.Page.EvaluateAsync<string>("localStorage.getItem('vendor.key')");
        await CloseAsync(phone);

        var grant = await owner.GrantAsync(device.Feed, new TestGrantRequest { Name = "pharmacy", Rights = ["read", "reply"] });
        using var pharmacy = chromium.Hub.HttpAs(grant.Key!);
        var id = await WriteAsync(pharmacy, device, "Your order is ready: 7 €");
        var push = (await service.WaitForAsync(1, Deadline))[0];
        push.Header("Authorization").ShouldEndWith($", k={key}");
        await DeliverAsync(phone, keys.Decrypt(push));
        (await NotificationAsync(phone)).ShouldBe(["pharmacy", "Your order is ready: 7 €", id, "/phone"]);
        // It was seen on a lock screen perhaps, and not yet by the phone's app.
        await SeeAsync(owner, device, id, "sent");

        await phone.GoAsync("/phone");
        await Expect(phone.Page.Locator("[data-messages] li")).ToHaveTextAsync("pharmacy Your order is ready: 7 €");
        await SeeAsync(owner, device, id, "acknowledged");
    }

    [Fact]
    public async Task Of_a_message_that_fits_no_push_the_notification_says_where_it_is()
    {
        await using var service = await CallbackListener.AnsweringAsync(HttpStatusCode.Created);
        using var keys = new PushedPhone();
        var (owner, device) = await PairAsync();
        await using var phone = await OpenAsync(device, keys, service);
        await AllowPushAsync(phone);
        await CloseAsync(phone);

        var text = new string('€', 2000);
        var id = await WriteAsync(owner.Http, device, text);
        await DeliverAsync(phone, keys.Decrypt((await service.WaitForAsync(1, Deadline))[0]));
        var shown = await NotificationAsync(phone);
        shown[1..].ShouldBe(["A long message: the phone's page shows it.", id, "/phone"]);

        await phone.GoAsync("/phone");
        await Expect(phone.Page.Locator("[data-messages] li")).ToContainTextAsync(text);
        await SeeAsync(owner, device, id, "acknowledged");
    }

    [Fact]
    public async Task A_browser_that_forgets_the_phone_is_reached_no_more()
    {
        await using var service = await CallbackListener.AnsweringAsync(HttpStatusCode.Created);
        using var keys = new PushedPhone();
        var (_, device) = await PairAsync();
        await using var phone = await OpenAsync(device, keys, service);
        await AllowPushAsync(phone);

        var left = await phone.Page.RunAndWaitForResponseAsync(
            () => phone.ClickAsync("Forget this phone"), response => response.Request.Method == "DELETE");

        left.Status.ShouldBe(204);
        await Expect(phone.Page.Locator("[data-unpaired]")).ToBeVisibleAsync();
        await phone.Page.WaitForFunctionAsync("localStorage.getItem('vendor.key') === null");
    }

    private async Task<(TestOwner Owner, TestDevice Device)> PairAsync()
    {
        // Before anything else: it says so where there is no browser.
        await using (await chromium.OpenAsync())
        {
        }

        var owner = await chromium.Hub.SignUpAsync();
        return (owner, await owner.AddDeviceAsync());
    }

    private async Task<Window> OpenAsync(TestDevice device, PushedPhone keys, CallbackListener service)
    {
        var phone = await chromium.OpenAsync(390, offersServiceWorkers: true);
        await phone.Context.GrantPermissionsAsync(["notifications"], new BrowserContextGrantPermissionsOptions { Origin = chromium.Url });
        await phone.Context.AddInitScriptAsync(
            Vendor.Replace("__SUBSCRIPTION__", JsonSerializer.Serialize(keys.Subscription(service.Url())), StringComparison.Ordinal));
        await phone.GoAsync($"/phone#u={Uri.EscapeDataString(device.IngestUrl!)}&d={device.Id}");
        await phone.SeesAsync("Start sending");
        return phone;
    }

    // What the page says once the hub has answered that it has the registration.
    private static async Task AllowPushAsync(Window phone)
    {
        await phone.ClickAsync("Tell me also while this page is closed");
        await phone.SeesAsync("Messages reach this phone while the page is closed.");
    }

    // On another page of the hub: the worker's registration can be looked at from there, and nobody follows the inbox.
    private static Task CloseAsync(Window phone) => phone.GoAsync("/docs");

    private static async Task<string> WriteAsync(HttpClient writer, TestDevice device, string text)
    {
        using var response = await writer.PostAsJsonAsync($"/api/feeds/{device.Feed}/messages", new { text }, Cancel);
        var answer = await response.Content.ReadAsStringAsync(Cancel);
        response.StatusCode.ShouldBe(HttpStatusCode.Created, answer);
        return JsonElement.Parse(answer).GetProperty("id").GetString()!;
    }

    private static Task SeeAsync(TestOwner owner, TestDevice device, string id, string state) => Eventually.ShouldAsync(
        async () =>
        {
            var seen = await owner.Http.GetFromJsonAsync<JsonElement>($"/api/feeds/{device.Feed}/messages/{id}", Cancel);
            return seen.GetProperty("state").GetString() == state;
        },
        asked: $"the message is {state}");

    // The push is a text to the protocol, which gives its UTF-8 to the worker.
    private async Task DeliverAsync(Window phone, byte[] plain)
    {
        var session = await phone.Context.NewCDPSessionAsync(phone.Page);
        var registered = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        session.Event("ServiceWorker.workerRegistrationUpdated").OnEvent += (_, told) =>
        {
            foreach (var registration in told!.Value.GetProperty("registrations").EnumerateArray())
            {
                if (registration.GetProperty("scopeURL").GetString() == $"{chromium.Url}/phone")
                {
                    registered.TrySetResult(registration.GetProperty("registrationId").GetString()!);
                }
            }
        };
        await session.SendAsync("ServiceWorker.enable");
        var registrationId = await registered.Task.WaitAsync(Deadline, Cancel);
        await session.SendAsync("ServiceWorker.deliverPushMessage", new Dictionary<string, object>
        {
            ["origin"] = chromium.Url,
            ["registrationId"] = registrationId,
            ["data"] = Encoding.UTF8.GetString(plain),
        });
        await session.DetachAsync();
    }

    // Title, body, tag and data, as soon as there is one.
    private static async Task<string[]> NotificationAsync(Window phone)
    {
        var told = await phone.Page.WaitForFunctionAsync("""
            async () => {
              const registration = await navigator.serviceWorker.getRegistration("/phone");
              const [shown, ...others] = await registration.getNotifications();
              return shown && others.length === 0 ? [shown.title, shown.body, shown.tag, shown.data] : null;
            }
            """);
        return await told.JsonValueAsync<string[]>();
    }
}
