using ActivityHub.Hub.Apps;
using ActivityHub.Ledger.Grants;
using ActivityHub.Ledger.Places;
using FsCheck.Xunit;
using Shouldly;
using Xunit;

namespace ActivityHub.Hub.Tests.Apps;

public sealed class AppViewTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 28, 12, 0, 0, TimeSpan.Zero);
    private static readonly string[] Kinds = ["activity", "battery", "calendar", "geo"];

    [Property]
    public void What_an_owner_chooses_never_grows_beyond_what_was_asked(int askedSeed, int chosenSeed)
    {
        var (asked, chosen) = (ViewOf(askedSeed), ViewOf(chosenSeed));
        var given = asked.Within(chosen);
        Kinds.Where(kind => Shows(given, kind)).ShouldBe(Kinds.Where(kind => Shows(asked, kind) && Shows(chosen, kind)));
        if (asked.Kinds is not null)
        {
            given.Kinds.ShouldNotBeNull();
        }

        ((int)given.Precision).ShouldBeGreaterThanOrEqualTo((int)asked.Precision);
        (given.From ?? DateTimeOffset.MinValue).ShouldBeGreaterThanOrEqualTo(asked.From ?? DateTimeOffset.MinValue);
        given.DelaySeconds.ShouldBeGreaterThanOrEqualTo(asked.DelaySeconds);
        (given.Until ?? DateTimeOffset.MaxValue).ShouldBeLessThanOrEqualTo(asked.Until ?? DateTimeOffset.MaxValue);
        (given.Rights & ~asked.Rights).ShouldBe(GrantRights.None);
        given.ShouldBeEquivalentTo(chosen.Within(asked) with { Kinds = given.Kinds });
    }

    [Fact]
    public void What_is_left_out_is_not_asked_for()
    {
        var (asked, fault) = AuthorizationDetails.Read("""[{"type":"activity_feed","kinds":null}]""", Now);
        fault.ShouldBeNull();
        asked!.ShouldHaveSingleItem().ShouldBe(new AskedAccess(new AppView(null, Precision.None, Now, 0, null, GrantRights.Read), null));
    }

    [Fact]
    public void All_that_can_be_asked_for_is_read()
    {
        var (asked, fault) = AuthorizationDetails.Read(
            """
            [{"type":"activity_feed","kinds":["geo","battery","geo"],"precision":"10km","history":"2026-11-01T00:00:00+01:00","delaySeconds":60,
              "until":"2027-01-01T00:00:00Z","actions":["subscribe"],"feeds":2},{"type":"activity_feed","kinds":["x.y"],"history":"all","feeds":["any"]}]
            """, Now);
        fault.ShouldBeNull();
        asked!.Count.ShouldBe(2);
        asked[0].MostFeeds.ShouldBe(2);
        asked[0].View.Kinds.ShouldBe(["battery", "geo"]);
        asked[0].View.ShouldBe(
            new AppView(asked[0].View.Kinds, Precision.TenKilometres, new DateTimeOffset(2026, 10, 31, 23, 0, 0, TimeSpan.Zero), 60,
            new DateTimeOffset(2027, 1, 1, 0, 0, 0, TimeSpan.Zero), GrantRights.Read | GrantRights.Subscribe));
        asked[1].View.From.ShouldBeNull();
    }

    [Theory]
    [InlineData("""{"type":"activity_feed","kinds":null}""")]
    [InlineData(
        """[{"type":"activity_feed","kinds":null},{"type":"activity_feed","kinds":null},{"type":"activity_feed","kinds":null},{"type":"activity_feed","kinds":null},{"type":"activity_feed","kinds":null},{"type":"activity_feed","kinds":null}]""")]
    [InlineData("""[{"type":"activity_feed","type":"activity_feed","kinds":null}]""")]
    [InlineData("""[null]""")]
    [InlineData("""[{"kinds":null}]""")]
    [InlineData("""[{"type":"activity_feed","kinds":[]}]""")]
    [InlineData("""[{"type":"activity_feed","kinds":["Geo"]}]""")]
    [InlineData("""[{"type":"activity_feed","kinds":null,"feeds":0}]""")]
    [InlineData("""[{"type":"activity_feed","kinds":null,"feeds":["abc"]}]""")]
    [InlineData("""[{"type":"activity_feed","kinds":null,"until":"2020-01-01T00:00:00Z"}]""")]
    [InlineData("""[{"type":"activity_feed","kinds":null,"history":"2030-01-01T00:00:00Z"}]""")]
    [InlineData("""[{"type":"activity_feed","kinds":null,"history":"yesterday"}]""")]
    [InlineData("""[{"type":"activity_feed","kinds":null,"delaySeconds":-1}]""")]
    public void What_is_wrong_is_refused_with_a_reason(string details)
    {
        var (asked, fault) = AuthorizationDetails.Read(details, Now);
        asked.ShouldBeNull();
        fault.ShouldNotBeNullOrWhiteSpace();
    }

    [Theory]
    [InlineData("https://app.example/cb?x=1", true)]
    [InlineData("https://app.example:8443", true)]
    [InlineData("http://127.0.0.1/cb", true)]
    [InlineData("http://127.0.0.1:8000/cb", true)]
    [InlineData("http://[::1]/cb", true)]
    [InlineData("http://localhost/cb", false)]
    [InlineData("http://127.0.0.2/cb", false)]
    [InlineData("http://127.0.0.1.evil.example/cb", false)]
    [InlineData("http://app.example/cb", false)]
    [InlineData("https://app.example/#", false)]
    [InlineData("https://user@app.example/", false)]
    [InlineData("https://*.example/", false)]
    [InlineData("https:/app", false)]
    [InlineData("javascript:alert(1)", false)]
    [InlineData("/cb", false)]
    public void Answers_go_over_tls_or_to_the_machine_itself(string uri, bool allowed) => RedirectUris.IsAllowed(uri).ShouldBe(allowed);

    private static bool Shows(AppView view, string kind) => view.Kinds?.Contains(kind) ?? true;

    private static AppView ViewOf(int seed)
    {
        var random = new Random(seed);
        return new AppView(
            random.Next(3) == 0 ? null : [.. Kinds.Where(_ => random.Next(2) == 0)],
            (Precision)random.Next(5),
            random.Next(3) == 0 ? null : Now.AddDays(-random.Next(100)),
            random.Next(3) * 60,
            random.Next(3) == 0 ? null : Now.AddDays(1 + random.Next(100)),
            random.Next(2) == 0 ? GrantRights.Read : GrantRights.Read | GrantRights.Subscribe);
    }
}
