using System.Text;
using Microsoft.Extensions.Logging;
using Shouldly;
using Xunit;

namespace ActivityHub.Conformance.Access;

/// <summary>
/// Tests every route with every actor. The routes come from the running hub, so a new route fails until it has an entry in the table.
/// </summary>
public sealed class AccessMatrixTests(AccessWorld world) : IClassFixture<AccessWorld>
{
    public static TheoryData<string> Placed => [.. AccessTable.Places.Keys];

    [Fact]
    public void Every_route_is_placed()
    {
        var unplaced = world.Routes.Where(route => !AccessTable.Places.ContainsKey(route)).ToList();

        unplaced.ShouldBeEmpty(
            "Say who may use these routes: a line for each in AccessTable.Places, with the Rule that it is to keep. " +
            "Under /api it is Accounts or ItsOwner, below /feeds it is Readers or Phone, and Anybody needs a reason.");
        AccessTable.Places.Keys.Except(world.Routes)
            .ShouldBeEmpty("These routes are gone from the hub: take them out of AccessTable.Places.");
    }

    [Theory, MemberData(nameof(Placed))]
    public async Task A_route_lets_in_whom_it_should_and_nobody_else(string route)
    {
        var place = AccessTable.Places[route];

        Check(
            route, place.Rule,
            await world.AskAsync(
                route, (_, _) => place.Json is null ? null : new StringContent(place.Json, Encoding.UTF8, "application/json")));
    }

    // Readers get URLs: the key in a URL must give the same access as the key in a header.
    [Theory]
    [InlineData("GET /feeds/{feed}.{format}")]
    [InlineData("GET /feeds/{feed}/updates/{position}")]
    [InlineData("GET /feeds/{feed}/stream")]
    public async Task A_key_in_the_address_opens_what_it_opens_in_a_header(string route) =>
        Check(route, Rule.Readers, await world.AskAsync(route, (_, _) => null, isInAddress: true));

    [Fact]
    public async Task A_topic_is_taken_from_whoever_may_read_it_and_from_nobody_else() =>
        Check(
            "POST /hub", Rule.Readers,
            await world.AskAsync("POST /hub", (feed, key) => new FormUrlEncodedContent(new Dictionary<string, string>
            {
                ["hub.mode"] = "subscribe",
                ["hub.topic"] = $"{world.Hub.BaseUrl}/feeds/{feed}.atom{(key is null ? "" : "?key=" + key)}",
                ["hub.callback"] = "http://127.0.0.1:9/",
            })));

    private void Check(string route, Rule rule, IReadOnlyDictionary<Actor, int> answers)
    {
        var wrong = answers.Where(answer => !Fits(answer.Value, Refusal(rule, answer.Key)))
            .Select(answer => $"{answer.Key} got {answer.Value} instead of {Refusal(rule, answer.Key)?.ToString() ?? "being let in"}");
        // A 500 does not say why; the hub's log does.
        var why = answers.Values.Any(status => status >= 500) ? string.Join('\n', world.Hub.Logs.AtLeast(LogLevel.Error).TakeLast(3)) : "";
        wrong.ShouldBeEmpty($"{route} is for {rule} {why}");
    }

    // An actor also counts as let in if the answer reports a fault of the body, or that the request cannot be done now.
    private static bool Fits(int status, int? refusal) =>
        refusal is { } exactly ? status == exactly : status is < 500 and not (401 or 403 or 404 or 405);

    // Null means let in.
    private static int? Refusal(Rule rule, Actor actor)
    {
        var hasAccount = actor is Actor.Owner or Actor.OtherOwner or Actor.Administrator;
        var hasSession = actor is Actor.Browser or Actor.OtherBrowser;
        return rule switch
        {
            Rule.Anybody => null,
            Rule.Readers => actor is Actor.Reader or Actor.App or Actor.Owner ? null : 404,
            Rule.Repliers => actor is Actor.Owner ? null : 404,
            Rule.Phone => actor == Actor.Device ? null : 401,
            Rule.PhoneAbsent => actor == Actor.Device ? 404 : 401,
            Rule.Accounts => hasAccount ? null : 401,
            Rule.ItsOwner => actor == Actor.Owner ? null : hasAccount ? 404 : 401,
            Rule.Absent => hasAccount ? 404 : 401,
            Rule.NoneOfThem => 404,
            Rule.App => actor is Actor.App or Actor.OtherApp ? null : 401,
            Rule.Browser => hasSession ? null : 303,
            Rule.BrowserOfOwner => actor == Actor.Browser ? null : hasSession ? 404 : 303,
            Rule.BrowserAbsent => hasSession ? 404 : 303,
            _ => actor == Actor.Administrator ? null : hasAccount || hasSession ? 403 : 401,
        };
    }
}
