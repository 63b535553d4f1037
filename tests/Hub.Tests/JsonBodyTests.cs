using System.Text;
using ActivityHub.Hub.Accounts;
using ActivityHub.Hub.Grants;
using ActivityHub.Hub.Owners;
using ActivityHub.Ledger.Access;
using FsCheck.Xunit;
using Shouldly;
using Xunit;

namespace ActivityHub.Hub.Tests;

public sealed class JsonBodyTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("\"text\"")]
    [InlineData("null")]
    [InlineData("{\"a\":1,\"a\":2}")]
    [InlineData("{\"a\":1} x")]
    [InlineData("{\"a\":[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]}")]
    public void What_is_no_object_is_refused(string json)
    {
        JsonBody.TryParse(Encoding.UTF8.GetBytes(json), out _, out var fault).ShouldBeFalse();
        fault.ShouldNotBeNullOrEmpty();
    }

    [Fact]
    public void Every_fault_is_named_at_once_and_unknown_members_too()
    {
        var body = Parse("""{"email":"no address","password":"short","colour":"blue","Email":"a@b.example"}""");
        Credentials.Read(body);

        body.Faults().Select(fault => fault.Path).ShouldBe(["email", "password", "colour", "Email"], ignoreOrder: true);
    }

    [Theory]
    [InlineData("""{"name":"a\u0000b"}""")]
    [InlineData("""{"name":"\ud800"}""")]
    [InlineData("""{"name":"  "}""")]
    [InlineData("""{"name":""}""")]
    [InlineData("""{"name":null}""")]
    [InlineData("""{"name":7}""")]
    [InlineData("{}")]
    public void A_name_must_be_text_that_can_be_stored_and_seen(string json)
    {
        var body = Parse(json);

        body.Text("name", 1, 100, required: true).ShouldBeNull();
        body.Faults().ShouldHaveSingleItem().Path.ShouldBe("name");
    }

    [Fact]
    public void A_password_is_in_no_fault()
    {
        var body = Parse($$"""{"email":"ada@example.org","password":"{{new string('q', 201)}}"}""");
        Credentials.Read(body);

        body.Faults().ShouldHaveSingleItem().Detail.ShouldNotContain("qq");
    }

    [Theory]
    [InlineData("ada@example.org", true)]
    [InlineData("a.d+a@localhost", true)]
    [InlineData("ada", false)]
    [InlineData("@example.org", false)]
    [InlineData("ada@", false)]
    [InlineData("a da@example.org", false)]
    [InlineData("ada@.example.org", false)]
    public void An_email_address_has_two_sides(string email, bool valid)
    {
        var body = Parse($$"""{"email":"{{email}}","password":"long enough"}""");
        Credentials.Read(body);

        body.Faults().Count.ShouldBe(valid ? 0 : 1);
    }

    [Fact]
    public void A_grant_with_a_key_shows_everything()
    {
        var grant = ReadGrant("""{"name":"a friend"}""");

        grant.ShouldBe(new GrantRequest("a friend", false, null, null, GrantRights.Read | GrantRights.Subscribe));
    }

    [Theory]
    [InlineData("""{"name":"x","kinds":["geo"]}""", "kinds")]
    [InlineData("""{"name":"x","precision":"1km"}""", "precision")]
    [InlineData("""{"name":"x","precision":"2km"}""", "precision")]
    [InlineData("""{"name":"x","from":"2026-11-01T00:00:00Z"}""", "from")]
    [InlineData("""{"name":"x","to":"2026-12-01T00:00:00Z"}""", "to")]
    [InlineData("""{"name":"x","delaySeconds":60}""", "delaySeconds")]
    [InlineData("""{"name":"x","rights":["read","reply"]}""", "rights")]
    [InlineData("""{"name":"x","rights":[]}""", "rights")]
    [InlineData("""{"name":"x","rights":["read","write"]}""", "rights[1]")]
    [InlineData("""{"name":"x","until":"2026-11-23T12:00:00Z"}""", "until")]
    [InlineData("""{"name":"x","until":"2026-12-23T12:00:00"}""", "until")]
    [InlineData("""{"name":"x","public":true,"precision":"exact"}""", "from")]
    [InlineData("""{"name":"x","public":true,"from":null}""", "precision")]
    [InlineData("""{"name":"x","public":"yes"}""", "public")]
    public void A_view_that_cannot_be_given_is_refused_never_widened(string json, string path)
    {
        var body = Parse(json);
        GrantRequest.Read(body, Now);

        body.Faults().ShouldHaveSingleItem().Path.ShouldBe(path);
    }

    [Fact]
    public void A_public_grant_says_how_exact_and_since_when()
    {
        ReadGrant("""{"name":"all","public":true,"precision":"exact","from":null}""").From.ShouldBeNull();
        ReadGrant("""{"name":"all","public":true,"precision":"exact","from":"2026-11-23T08:15:30-03:00"}""").From
            .ShouldBe(new DateTimeOffset(2026, 11, 23, 11, 15, 30, TimeSpan.Zero));
    }

    [Fact]
    public void Defaults_may_be_spelled_out() =>
        ReadGrant("""{"name":"x","public":false,"kinds":null,"precision":"exact","from":null,"to":null,"delaySeconds":0,"until":null,"rights":["read"]}""")
            .Rights.ShouldBe(GrantRights.Read);

    [Fact]
    public void A_change_touches_only_what_was_sent()
    {
        var grant = Grant.Give(1, "old", AccessKey.NewReader(), Now);
        grant.EndAt(Now.AddDays(1));

        GrantChange.Read(Parse("""{"name":"new"}"""), Now).ApplyTo(grant);
        (grant.Name, grant.Until).ShouldBe(("new", Now.AddDays(1)));

        GrantChange.Read(Parse("""{"until":null}"""), Now).ApplyTo(grant);
        (grant.Name, grant.Until).ShouldBe(("new", null));
    }

    [Property]
    public bool No_body_makes_the_reader_throw(byte[]? json) => JsonBody.TryParse(json, out var body, out var fault) ? body is not null
        : fault is not null;

    private static GrantRequest ReadGrant(string json)
    {
        var body = Parse(json);
        var grant = GrantRequest.Read(body, Now);
        body.Faults().ShouldBeEmpty();
        return grant;
    }

    private static JsonBody Parse(string json)
    {
        JsonBody.TryParse(Encoding.UTF8.GetBytes(json), out var body, out var fault).ShouldBeTrue(fault);
        return body!;
    }
}
