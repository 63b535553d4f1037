using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using ActivityHub.Hub.Limits;
using ActivityHub.TestKit;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace ActivityHub.Hub.Tests;

/// <summary>The table of entry points against the running hub: every route has a row, and holds the limits that the row names.</summary>
public sealed partial class EntryPointTests
{
    private const string Wrong = "wrong-wrong-wrong";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_entry_point_is_in_a_row_and_holds_the_limits_of_it()
    {
        await using var hub = await HubApp.StartAsync(Database.Sqlite, options => options.Settings["Try:Enabled"] = "true");
        var owner = await hub.SignUpAsync();
        var phone = await owner.AddDeviceAsync();
        await phone.PostAsync("""{"kind":"battery"}""");
        var reader = await owner.GrantAsync(phone.Feed);
        using var browser = new AccountsBrowser(hub);
        await browser.SignInAsync(owner.Email, owner.Password);
        var cookie = $"session={browser.Cookies["session"]!.Value}";

        var routes = hub.Services.GetServices<EndpointDataSource>().SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
            .SelectMany(
                endpoint => EntryPoints.NamesOf(endpoint.RoutePattern.RawText, endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()))
                    .Distinct().ToList();
        routes.Except(EntryPoints.Rows.Keys).ShouldBeEmpty(
            "Say what bounds the use of these routes: a row for each in Hub/Limits/EntryPoints, and the limit at its door where it is not "
            + "one by client or account.");
        EntryPoints.Rows.Keys.Except(routes).ShouldBe(
            [EntryPoints.MqttConnect, EntryPoints.MqttPublish], ignoreOrder: true,
            customMessage: "These routes are gone: take their rows out.");

        var faults = new List<string>();
        foreach (var route in routes)
        {
            var limits = EntryPoints.Rows[route];
            Hold(route, "with a wrong key", await AskAsync(route, Wrong, Wrong, null), WhoeverAsks(limits));
            if (limits.HasFlag(EntryLimit.Account))
            {
                var isApi = route.Contains(" /api/", StringComparison.Ordinal);
                Hold(
                    route, "in the name of an account", await AskAsync(route, isApi ? owner.Token : null, Wrong, isApi ? null : cookie),
                    ["account", "client"]);
            }

            if (limits.HasFlag(EntryLimit.Device))
            {
                var ingestKey = phone.IngestUrl![(phone.IngestUrl!.LastIndexOf('/') + 1)..];
                Hold(route, "with the key of a phone", await AskAsync(route, phone.Key, ingestKey, null), ["device"]);
            }

            if (limits.HasFlag(EntryLimit.Grant))
            {
                Hold(route, "with the key of a reader", await AskAsync(route, reader.Key, Wrong, null), ["client", "grant"]);
            }
        }

        faults.ShouldBeEmpty();

        void Hold(string route, string who, IReadOnlyList<string> seen, string[] wanted)
        {
            if (!seen.SequenceEqual(wanted))
            {
                faults.Add($"{route} {who} is limited by [{string.Join(", ", seen)}], and its row says [{string.Join(", ", wanted)}]");
            }
        }

        async Task<IReadOnlyList<string>> AskAsync(string route, string? key, string ingestKey, string? session)
        {
            var (method, pattern) = route.Split(' ', 2) is [var first, var second] ? (first, second) : throw new ArgumentException(route);
            // Of what is not the phone's own nothing may be touched on the way.
            var isPhones = EntryPoints.Rows[route].HasFlag(EntryLimit.Device);
            var path = Parameter().Replace(pattern, part => part.Groups[1].Value switch
            {
                "feed" => phone.Feed,
                "device" => isPhones ? phone.Id : "0000000000000",
                "format" => "json",
                "position" => "1",
                "ingestKey" => ingestKey,
                "phoneFormat" => "owntracks",
                "documentName" => "v1",
                _ => "0000000000000",
            });
            using var request = new HttpRequestMessage(new HttpMethod(method == "ANY" ? "GET" : method), path);
            request.Headers.Authorization = key is null ? null : new AuthenticationHeaderValue("Bearer", key);
            if (session is not null)
            {
                request.Headers.Add("Cookie", session);
            }

            using var answer = await hub.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancel);
            return !answer.Headers.TryGetValues("RateLimit-Policy", out var policies) ? []
                : [.. policies.SelectMany(policy => Policy().Matches(policy)).Select(match => match.Groups[1].Value).Distinct()
                    .Order(StringComparer.Ordinal)];
        }
    }

    // In the words of RateLimit-Policy.
    private static string[] WhoeverAsks(EntryLimit limits) =>
    [
        .. (limits & (EntryLimit.Client | EntryLimit.Reader)) != 0 ? ["client"] : Array.Empty<string>(),
        .. limits.HasFlag(EntryLimit.WrongKeys) ? ["wrong-keys"] : Array.Empty<string>(),
    ];

    [GeneratedRegex(@"\{\*{0,2}(\w+)\}")]
    private static partial Regex Parameter();

    [GeneratedRegex("\"([a-z-]+)\";q=")]
    private static partial Regex Policy();
}
