using System.Text;
using ActivityHub.Ledger.Accounts;
using ActivityHub.Ledger.Storage;
using ActivityHub.TestKit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace ActivityHub.Browser;

/// <summary>An account with something on each of its pages.</summary>
internal sealed class ScenePage : IAsyncDisposable
{
    private readonly CallbackListener _callback;

    private ScenePage(string device, string grant, string subscription, CallbackListener callback)
    {
        Device = device;
        this._callback = callback;
        Pages =
        [
            ("today", "/today"), ("notices", "/notices"), ("receipts", "/receipts"), ("account", "/account"), ("admin", "/admin"),
            ("device", device), ("device-setup", $"{device}/setup"), ("device-sharing", $"{device}/sharing"),
            ("device-sharing-grant", grant), ("device-subscriptions", $"{device}/subscriptions"),
            ("device-subscriptions-one", subscription), ("device-messages", $"{device}/messages"),
            ("device-rejected", $"{device}/rejected"), ("device-settings", $"{device}/settings"),
        ];
    }

    /// <summary>The path of the phone's own page, which follows it live.</summary>
    public string Device { get; }

    /// <summary>Names for pictures, and paths.</summary>
    public IReadOnlyList<(string Name, string Path)> Pages { get; }

    public ValueTask DisposeAsync() => _callback.DisposeAsync();

    /// <summary>A phone that walks through a town, a view that somebody has, a webhook, and something that could not be read.</summary>
    public static async Task<ScenePage> FurnishAsync(HubApp hub, Window window)
    {
        var email = await window.SignUpAsync();
        await SetAdministratorAsync(hub, email);
        var (id, address) = await window.AddPhoneAsync("Maria's phone");
        var lines = new StringBuilder();
        var began = TimeProvider.System.GetUtcNow().AddHours(-2);
        for (var i = 0; i < 60; i++)
        {
            var (lat, lon) = (-23.41 + (0.0009 * i) + (0.002 * Math.Sin(i / 5.0)), -51.43 + (0.0014 * i));
            var at = began.AddMinutes(2 * i).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'");
            lines.Append(
                FormattableString.Invariant(
                    $"{{\"kind\":\"geo\",\"at\":\"{at}\",\"location\":{{\"lat\":{lat:F6},\"lon\":{lon:F6},\"accuracy\":{8 + (i % 7)},\"speed\":{1.2 + (i % 5 * 0.3):F1}}}}}\n"));
            if (i % 6 == 0)
            {
                lines.Append(
                    FormattableString.Invariant(
                        $"{{\"kind\":\"battery\",\"at\":\"{at}\",\"data\":{{\"level\":{90 - i},\"charging\":false}}}}\n"));
            }
        }

        lines.Append("{\"kind\":\"activity\",\"data\":{\"activity\":\"walking\"}}\n");
        await PostAsync(hub, address, lines.ToString(), "application/x-ndjson");
        await PostAsync(hub, address, "nonsense", "text/plain");
        await window.GoAsync($"/devices/{id}/sharing");
        await window.Page.Locator("form[data-api^='POST /api/feeds'] input[name=name]").First.FillAsync("Ana, a friend");
        await window.Page.Locator("select[name=precision]").First.SelectOptionAsync("1km");
        await window.ClickAsync("Give it");
        await window.Page.Locator("output code").First.WaitForAsync();
        await window.GoAsync($"/devices/{id}/sharing");
        var grant = await window.Page.GetByText("See it as they see it").First.GetAttributeAsync("href");
        var callback = await CallbackListener.AnsweringAsync(
            System.Net.HttpStatusCode.NoContent, System.Net.HttpStatusCode.NoContent, System.Net.HttpStatusCode.BadGateway);
        await window.MakeWebhookAsync(id, callback.Url("/hook"));
        await callback.At("/hook").WaitForAsync(1);
        await PostAsync(hub, address, """{"kind":"note","title":"On our way"}""", "application/json");
        await callback.At("/hook").WaitForAsync(2);
        return new ScenePage($"/devices/{id}", grant!, new Uri(window.Page.Url).AbsolutePath, callback);
    }

    public static async Task SetAdministratorAsync(HubApp hub, string email)
    {
        await using var context = await hub.Services.GetRequiredService<IDbContextFactory<LedgerContext>>()
            .CreateDbContextAsync(TestContext.Current.CancellationToken);
        await context.Accounts.Where(row => row.Email == email)
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.IsAdministrator, true), TestContext.Current.CancellationToken);
    }

    private static async Task PostAsync(HubApp hub, string address, string text, string type)
    {
        using var content = new StringContent(text, Encoding.UTF8, type);
        using var answer = await hub.Http.PostAsync(address, content, TestContext.Current.CancellationToken);
        answer.EnsureSuccessStatusCode();
    }
}
