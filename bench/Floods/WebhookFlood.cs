using System.Globalization;
using System.Net;
using System.Text.Json;
using ActivityHub.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace ActivityHub.Bench.Floods;

/// <summary>Few bytes in, many bytes out: webhooks to a host that never requested them and answers 200 to every request.</summary>
internal sealed class WebhookFlood : Flood
{
    private const int Webhooks = 100;

    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(100);

    private long _posts;
    private long _bytes;
    private int _updates;
    private TestDevice? _phone;
    private WebApplication? _victim;

    public override string Name => "webhooks";

    public override string Result => string.Create(
        CultureInfo.InvariantCulture,
        $"{_updates} updates of 24 bytes: {_posts:#,0} POSTs and {_bytes / 1024.0 / 1024:0.0} MiB at the one host");

    public override async Task PrepareAsync(string hub, TestOwner attacker, CancellationToken stop)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _victim = builder.Build();
        _victim.Run(CountAsync);
        await _victim.StartAsync(stop);
        _phone = await attacker.AddDeviceAsync();
        for (var i = 0; i < 50; i++)
        {
            await _phone.PostAsync(JsonSerializer.Serialize(new { kind = "note", data = new { text = new string('x', 8_000) } }));
        }

        for (var i = 0; i < Webhooks; i++)
        {
            using var made = await attacker.TryAddWebhookAsync(
                _phone.Feed, string.Create(CultureInfo.InvariantCulture, $"{_victim.Urls.Single()}/index.html?{i}"));
            if (made.StatusCode != HttpStatusCode.Created)
            {
                throw new InvalidOperationException(
                    $"A webhook was answered {(int)made.StatusCode}: {await made.Content.ReadAsStringAsync(stop)}");
            }
        }

        await Eventually.ShouldAsync(
            async () =>
            {
                // The default page of the list is smaller.
                var counted = await attacker.Http.GetStringAsync($"/api/feeds/{_phone.Feed}/subscriptions?limit={Webhooks}", stop);
                var rows = JsonElement.Parse(counted).GetProperty("items").EnumerateArray();
                return rows.Count(row => row.GetProperty("state").GetString() == "active") == Webhooks;
            },
            TimeSpan.FromMinutes(2));
        (_posts, _bytes) = (0, 0);
    }

    public override Task RunAsync(CancellationToken over) => RepeatAsync(
        async () =>
        {
            // 24 bytes. The ids differ because the hub treats a repeated id as the same update.
            await _phone!.PostAsync(string.Create(CultureInfo.InvariantCulture, $$"""{"id":"{{++_updates:0000}}","kind":"a"}"""));
            await Task.Delay(Pace, TimeProvider.System, over);
        },
        over);

    public override async ValueTask DisposeAsync()
    {
        if (_victim is not null)
        {
            await _victim.DisposeAsync();
        }

        await base.DisposeAsync();
    }

    private async Task CountAsync(HttpContext http)
    {
        var buffer = new byte[64 * 1024];
        int read;
        while ((read = await http.Request.Body.ReadAsync(buffer, http.RequestAborted)) > 0)
        {
            Interlocked.Add(ref _bytes, read);
        }

        Interlocked.Increment(ref _posts);
    }
}
