using System.Text;
using ActivityHub.Hub.Accounts;
using ActivityHub.Hub.Api.Grants;
using ActivityHub.Ledger.Grants;
using ActivityHub.Ledger.Keys;
using ActivityHub.Ledger.Places;
using ActivityHub.Web;
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
        SignInForm.Read(body);

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
        SignInForm.Read(body);

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
        SignInForm.Read(body);

        body.Faults().Count.ShouldBe(valid ? 0 : 1);
    }

    [Fact]
    public void A_grant_with_a_key_shows_everything_unless_told_otherwise()
    {
        var wish = ReadGrant("""{"name":"a friend"}""");

        (wish.Name, wish.IsPublic, wish.Until, wish.Rights).ShouldBe(("a friend", false, null, GrantRights.Read | GrantRights.Subscribe));
        Applied(wish).HidesNothing.ShouldBeTrue();
    }

    [Theory]
    [InlineData("""{"name":"x","kinds":[]}""", "kinds")]
    [InlineData("""{"name":"x","kinds":["Geo!"]}""", "kinds[0]")]
    [InlineData("""{"name":"x","kinds":"geo"}""", "kinds")]
    [InlineData("""{"name":"x","precision":"2km"}""", "precision")]
    [InlineData("""{"name":"x","from":"2026-12-02T00:00:00Z","to":"2026-12-01T00:00:00Z"}""", "to")]
    [InlineData("""{"name":"x","delaySeconds":-1}""", "delaySeconds")]
    [InlineData("""{"name":"x","delaySeconds":99999999}""", "delaySeconds")]
    [InlineData("""{"name":"x","public":true,"rights":["read","reply"]}""", "rights")]
    [InlineData("""{"name":"x","rights":[]}""", "rights")]
    [InlineData("""{"name":"x","rights":["read","write"]}""", "rights[1]")]
    [InlineData("""{"name":"x","until":"2026-11-23T12:00:00Z"}""", "until")]
    [InlineData("""{"name":"x","until":"2026-12-23T12:00:00"}""", "until")]
    [InlineData("""{"name":"x","public":true,"to":"2026-11-23T11:00:00Z"}""", "to")]
    [InlineData("""{"name":"x","public":"yes"}""", "public")]
    public void A_view_that_cannot_be_given_is_refused_never_widened(string json, string path)
    {
        var body = Parse(json);
        GrantRequest.Read(body, Now);

        body.Faults().ShouldHaveSingleItem().Path.ShouldBe(path);
    }

    [Fact]
    public void A_view_is_what_was_asked_for()
    {
        var grant = Applied(ReadGrant(
            """{"name":"x","kinds":["geo","battery","geo"],"precision":"1km","from":"2026-11-01T00:00:00Z","to":"2026-12-01T00:00:00Z","delaySeconds":900}"""));

        (grant.Kinds, grant.Precision, grant.DelaySeconds).ShouldBe(("battery,geo", Precision.Kilometre, 900));
        (grant.From, grant.To).ShouldBe(
            (new DateTimeOffset(2026, 11, 1, 0, 0, 0, TimeSpan.Zero), new DateTimeOffset(2026, 12, 1, 0, 0, 0, TimeSpan.Zero)));
    }

    [Fact]
    public void A_public_grant_shows_one_kilometre_and_nothing_of_the_past_unless_told_otherwise()
    {
        var silent = Applied(ReadGrant("""{"name":"all","public":true}"""));
        (silent.Precision, silent.From).ShouldBe((Precision.Kilometre, Now));

        var all = Applied(ReadGrant("""{"name":"all","public":true,"precision":"exact","from":null}"""));
        (all.Precision, all.From).ShouldBe((Precision.Exact, null));

        Applied(ReadGrant("""{"name":"all","public":true,"from":"2026-11-23T08:15:30-03:00"}""")).From
            .ShouldBe(new DateTimeOffset(2026, 11, 23, 11, 15, 30, TimeSpan.Zero));
    }

    [Fact]
    public void Defaults_may_be_spelled_out() =>
        ReadGrant(
            """{"name":"x","public":false,"kinds":null,"precision":"exact","from":null,"to":null,"delaySeconds":0,"until":null,"rights":["read"]}""")
            .Rights.ShouldBe(GrantRights.Read);

    [Fact]
    public void A_change_touches_only_what_was_sent()
    {
        var grant = Grant.Give(1, "old", AccessKey.NewReader(), Now);
        grant.EndAt(Now.AddDays(1));

        grant.Limit("geo", Precision.Kilometre);
        grant.Show(Now, Now.AddDays(7), 60);

        GrantChange.Read(Parse("""{"name":"new"}"""), Now).TryApplyTo(grant).ShouldBeTrue();
        (grant.Name, grant.Until).ShouldBe(("new", Now.AddDays(1)));
        (grant.Kinds, grant.Precision, grant.From, grant.To, grant.DelaySeconds).ShouldBe(
            ("geo", Precision.Kilometre, Now, Now.AddDays(7), 60));

        GrantChange.Read(Parse("""{"until":null,"kinds":null,"to":null}"""), Now).TryApplyTo(grant).ShouldBeTrue();
        (grant.Name, grant.Until, grant.Kinds, grant.To, grant.DelaySeconds).ShouldBe(("new", null, null, null, 60));
    }

    [Fact]
    public void A_change_by_which_a_stretch_would_end_before_it_begins_is_none()
    {
        var grant = Grant.Give(1, "old", AccessKey.NewReader(), Now);
        grant.Show(Now);

        GrantChange.Read(Parse("""{"to":"2026-11-01T00:00:00Z"}"""), Now).TryApplyTo(grant).ShouldBeFalse();
    }

    private static Grant Applied(GrantRequest request)
    {
        var grant = Grant.Give(1, request.Name, request.IsPublic ? null : AccessKey.NewReader(), Now);
        request.View.TryApplyTo(grant).ShouldBeTrue();
        return grant;
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
