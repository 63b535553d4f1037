using System.Text;
using ActivityHub.TestKit;
using Xunit;

namespace ActivityHub.Browser;

/// <summary>An account with something on each of its pages.</summary>
internal static class ScenePage
{
    public static IReadOnlyList<string> Paths(string id) =>
    [
        "/today", "/receipts", "/account", $"/devices/{id}", $"/devices/{id}/setup", $"/devices/{id}/sharing", $"/devices/{id}/subscriptions", $"/devices/{id}/messages",
        $"/devices/{id}/rejected", $"/devices/{id}/settings",
    ];

    /// <summary>A phone that walks through a town, a view that somebody has, and something that could not be read; returns the phone's id.</summary>
    public static async Task<string> FurnishAsync(HubApp hub, Window window)
    {
        var (id, address) = await window.AddPhoneAsync("Maria's phone");
        var lines = new StringBuilder();
        var began = TimeProvider.System.GetUtcNow().AddHours(-2);
        for (var i = 0; i < 60; i++)
        {
            var (lat, lon) = (-23.41 + (0.0009 * i) + (0.002 * Math.Sin(i / 5.0)), -51.43 + (0.0014 * i));
            var at = began.AddMinutes(2 * i).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'");
            lines.Append(FormattableString.Invariant($"{{\"kind\":\"geo\",\"at\":\"{at}\",\"location\":{{\"lat\":{lat:F6},\"lon\":{lon:F6},\"accuracy\":{8 + (i % 7)},\"speed\":{1.2 + (i % 5 * 0.3):F1}}}}}\n"));
            if (i % 6 == 0)
                lines.Append(FormattableString.Invariant($"{{\"kind\":\"battery\",\"at\":\"{at}\",\"data\":{{\"level\":{90 - i},\"charging\":false}}}}\n"));
        }

        lines.Append("{\"kind\":\"activity\",\"data\":{\"activity\":\"walking\"}}\n");
        await PostAsync(hub, address, lines.ToString(), "application/x-ndjson");
        await PostAsync(hub, address, "nonsense", "text/plain");
        await window.GoAsync($"/devices/{id}/sharing");
        await window.Page.Locator("form[data-api^='POST /api/feeds'] input[name=name]").First.FillAsync("Ana, a friend");
        await window.Page.Locator("select[name=precision]").First.SelectOptionAsync("1km");
        await window.ClickAsync("Give it");
        await window.Page.Locator("output code").First.WaitForAsync();
        return id;
    }

    private static async Task PostAsync(HubApp hub, string address, string text, string type)
    {
        using var content = new StringContent(text, Encoding.UTF8, type);
        using var answer = await hub.Http.PostAsync(address, content, TestContext.Current.CancellationToken);
        answer.EnsureSuccessStatusCode();
    }
}
