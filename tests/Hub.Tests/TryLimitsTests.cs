using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using ActivityHub.Hub.Pages.Try;
using ActivityHub.TestKit;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace ActivityHub.Hub.Tests;

public sealed partial class TryLimitsTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory, BothDatabases]
    public async Task A_client_is_given_so_many_feeds_and_the_others_the_rest(Database database)
    {
        var clock = new MovableClock();
        await using var hub = await HubApp.StartAsync(database, options =>
        {
            options.Time = clock;
            options.Settings["Hub:TrustedProxies"] = "127.0.0.0/8";
            options.Settings["Roles"] = "hub";
            options.Settings["Try:Enabled"] = "true";
            options.Settings["Try:MostFeedsPerClient"] = "2";
            options.Settings["Try:MostFeeds"] = "4";
        });

        // One /64 is one client.
        (await AskAsync(hub, "2001:db8:1:1::1")).ShouldBe(HttpStatusCode.OK);
        (await AskAsync(hub, "2001:db8:1:1::2")).ShouldBe(HttpStatusCode.OK);
        (await AskAsync(hub, "2001:db8:1:1::3")).ShouldBe(HttpStatusCode.TooManyRequests);
        (await AskAsync(hub, "203.0.113.7")).ShouldBe(HttpStatusCode.OK);
        (await AskAsync(hub, "203.0.113.8")).ShouldBe(HttpStatusCode.OK);
        // Full for all: what is not given is not counted.
        (await AskAsync(hub, "203.0.113.8")).ShouldBe(HttpStatusCode.ServiceUnavailable);

        clock.Forward(TimeSpan.FromMinutes(61));
        (await hub.Services.GetRequiredService<Guests>().SweepAsync(Cancel)).ShouldBe(4);
        (await AskAsync(hub, "2001:db8:1:1::4")).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public void What_waits_for_visitors_to_look_is_bounded_whoever_sends_it()
    {
        var callbacks = new GuestCallbacks(TimeProvider.System);
        var names = Enumerable.Range(0, 100).Select(_ => callbacks.Open(DateTimeOffset.MaxValue).Name).ToList();
        var body = Encoding.UTF8.GetBytes(new string('x', GuestCallbacks.MaxBody));

        foreach (var name in names)
        {
            for (var i = 0; i < 100; i++)
            {
                callbacks.Take(name, new HeaderDictionary(), body).ShouldBeTrue();
            }
        }

        Held().ShouldBeInRange(1, 16 * 1024 * 1024);
        // What was looked at makes room.
        callbacks.Take(names[0], new HeaderDictionary(), body).ShouldBeTrue();
        Held().ShouldBe(body.Length * sizeof(char));

        long Held()
        {
            long held = 0;
            foreach (var name in names)
            {
                while (callbacks.Read(name)!.TryRead(out var arrival))
                {
                    held += arrival.Body.Length * sizeof(char);
                    callbacks.Seen(arrival);
                }
            }

            return held;
        }
    }

    private static async Task<HttpStatusCode> AskAsync(HubApp hub, string address)
    {
        using var handler = new SocketsHttpHandler { AllowAutoRedirect = false };
        using var http = new HttpClient(handler) { BaseAddress = new Uri(hub.BaseUrl) };
        http.DefaultRequestHeaders.Add("X-Forwarded-For", address);
        var token = WebUtility.HtmlDecode(FormToken().Match(await http.GetStringAsync("/try", Cancel)).Groups[1].Value);
        using var form = new FormUrlEncodedContent([KeyValuePair.Create("__RequestVerificationToken", token)]);
        using var answer = await http.PostAsync("/try", form, Cancel);
        return answer.StatusCode;
    }

    [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"([^\"]+)\"")]
    private static partial Regex FormToken();
}
