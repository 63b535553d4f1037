using System.Text;
using ActivityHub.Hub.Api.Subscriptions;
using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Ledger.Updates;
using ActivityHub.Web;
using Shouldly;
using Xunit;

namespace ActivityHub.Hub.Tests;

/// <summary>What a request must be, and what is made of it. The numbers are those of docs/websub.md.</summary>
public sealed class SubscribeRequestTests
{
    private const string Topic = "https://hub.example.org/feeds/0123456789ab.atom?key=rk_abc";
    private const string Callback = "https://reader.example.net/cb?user=7&hub.mode=mine";
    private static readonly Uri Hub = new("https://hub.example.org");

    [Fact]
    public void H3_Mode_topic_and_callback_are_enough()
    {
        var request = Read(("hub.mode", "subscribe"), ("hub.topic", Topic), ("hub.callback", Callback));

        request.Unsubscribes.ShouldBeFalse();
        request.Topic.Format.ShouldBe(FeedFormat.Atom);
        request.Topic.Key.ShouldBe("rk_abc");
        request.LeaseSeconds.ShouldBe(864_000);
        request.Secret.ShouldBeNull();
        request.Signature.ShouldBe(SignatureMethod.Sha256);
    }

    [Theory]
    [InlineData("hub.mode")]
    [InlineData("hub.topic")]
    [InlineData("hub.callback")]
    public void H3_Each_of_the_three_is_needed(string missing) =>
        Faults(Fields().Where(field => field.Name != missing)).ShouldHaveSingleItem().ShouldStartWith($"{missing} is missing");

    [Fact]
    public void H4_A_secret_is_taken_as_it_is() => Read([.. Fields(), ("hub.secret", "s é +&=%")]).Secret.ShouldBe("s é +&=%");

    [Fact]
    public void H4_An_empty_secret_is_none() => Read([.. Fields(), ("hub.secret", "")]).Secret.ShouldBeNull();

    [Fact]
    public void H5_Unsubscribing_is_understood() =>
        Read(("hub.mode", "unsubscribe"), ("hub.topic", Topic), ("hub.callback", Callback)).Unsubscribes.ShouldBeTrue();

    [Fact]
    public void H7_Unknown_fields_are_ignored_even_repeated() =>
        Read([.. Fields(), ("hub.colour", "blue"), ("hub.colour", "red"), ("foo", "")]).Callback.ShouldBe(Callback);

    [Theory]
    [InlineData("", 864_000)]
    [InlineData("1", 300)]
    [InlineData("300", 300)]
    [InlineData("3600", 3600)]
    [InlineData("2592000", 2_592_000)]
    [InlineData("31536000", 2_592_000)]
    [InlineData("99999999999999999999999999", 2_592_000)]
    public void H9_A_lease_is_brought_within_the_hubs_bounds(string asked, int given) =>
        Read([.. Fields(), ("hub.lease_seconds", asked)]).LeaseSeconds.ShouldBe(given);

    [Theory]
    [InlineData("-1")]
    [InlineData("0")]
    [InlineData("000")]
    [InlineData("1.5")]
    [InlineData("ten days")]
    [InlineData("+300")]
    [InlineData(" 300")]
    public void A_lease_that_is_no_length_of_time_is_refused(string asked) =>
        Faults([.. Fields(), ("hub.lease_seconds", asked)]).ShouldHaveSingleItem().ShouldContain("send 300 to 2592000");

    [Fact]
    public void H9_Lease_and_secret_are_ignored_when_unsubscribing()
    {
        var request = Read(
            ("hub.mode", "unsubscribe"), ("hub.topic", Topic), ("hub.callback", Callback), ("hub.lease_seconds", "-1"),
            ("hub.secret", new string('x', 500)));

        request.LeaseSeconds.ShouldBe(864_000);
        request.Secret.ShouldBeNull();
    }

    [Fact]
    public void H10_A_secret_of_199_bytes_is_taken() =>
        Read([.. Fields(), ("hub.secret", new string('x', 199))]).Secret!.Length.ShouldBe(199);

    [Theory]
    [InlineData('x', 200)]
    [InlineData('é', 100)]
    public void H10_A_secret_of_200_bytes_is_refused_and_not_repeated(char character, int times)
    {
        var fault = Faults([.. Fields(), ("hub.secret", new string(character, times))]).ShouldHaveSingleItem();

        fault.ShouldContain("200 bytes");
        fault.ShouldNotContain($"{character}{character}{character}");
    }

    [Fact]
    public void H12_Topics_and_callbacks_that_differ_in_needless_encoding_are_one_subscription()
    {
        var plain = Read(("hub.mode", "subscribe"), ("hub.topic", Topic), ("hub.callback", "https://reader.example.net/~a-b?x=%2F"));
        var encoded = Read(
            ("hub.mode", "subscribe"), ("hub.topic", Topic.Replace("feeds", "%66eeds", StringComparison.Ordinal)),
            ("hub.callback", "https://reader.example.net/%7ea%2Db?x=%2f"));

        encoded.Topic.ShouldBe(plain.Topic);
        CallbackUrl.Compared(encoded.Callback).ShouldBe(CallbackUrl.Compared(plain.Callback));
    }

    [Fact]
    public void H12_A_slash_in_disguise_stays_a_different_callback() =>
        CallbackUrl.Compared("https://a.example/x%2Fy").ShouldNotBe(CallbackUrl.Compared("https://a.example/x/y"));

    [Theory]
    [InlineData("https://reader.example.net/cb?hub.mode=mine&hub.topic=x&a=1&a=2")]
    [InlineData("HTTPS://Reader.Example.NET:8443/A%20b/../c/?q=%C3%A9+x")]
    [InlineData("http://127.0.0.1:9/")]
    public void H13_H36_The_callback_is_kept_exactly_as_given(string callback)
    {
        var request = Read(("hub.mode", "subscribe"), ("hub.topic", Topic), ("hub.callback", callback));

        request.Callback.ShouldBe(callback);
    }

    [Theory]
    [InlineData("ftp://reader.example.net/cb")]
    [InlineData("/cb")]
    [InlineData("reader.example.net/cb")]
    [InlineData("javascript:alert(1)")]
    [InlineData("http://")]
    [InlineData("http:reader.example.net")]
    [InlineData("https://reader.example.net/a b")]
    [InlineData("https://reader.example.net/\r\nX: y")]
    [InlineData("https:\\\\reader.example.net\\cb")]
    [InlineData("https://user:secret@reader.example.net/cb")]
    [InlineData("https://@reader.example.net/cb")]
    [InlineData("https://reader.example.net/cb#part")]
    [InlineData("https://reader.example.net/cb#")]
    public void H16_A_callback_that_cannot_be_called_is_refused_with_the_reason(string callback) =>
        Faults(("hub.mode", "subscribe"), ("hub.topic", Topic),
            ("hub.callback", callback)).ShouldHaveSingleItem().ShouldStartWith("hub.callback ");

    [Fact]
    public void H16_A_callback_of_2048_characters_is_the_longest()
    {
        var longest = "https://reader.example.net/" + new string('x', 2048 - 27);

        Read(("hub.mode", "subscribe"), ("hub.topic", Topic), ("hub.callback", longest)).Callback.Length.ShouldBe(2048);
        Faults(("hub.mode", "subscribe"), ("hub.topic", Topic), ("hub.callback", longest + "x")).ShouldHaveSingleItem();
    }

    [Fact]
    public void H16_Every_fault_is_named_at_once() => Faults(
        ("hub.mode", "celebrate"),
        ("hub.topic", "https://other.example.org/feeds/0123456789ab.atom"),
        ("hub.callback", "mailto:a@b.c"),
        ("hub.lease_seconds", "-1"),
        ("hub.secret", new string('x', 200)),
        ("hub.content", "some"),
        ("hub.signature", "md5"),
        ("hub.verify_token", new string('x', 201))).Count.ShouldBe(8);

    [Fact]
    public void H16_A_field_that_is_given_twice_is_a_fault() =>
        Faults([.. Fields(), ("hub.callback", "https://elsewhere.example.net/")]).ShouldHaveSingleItem().ShouldContain("2 times");

    [Fact]
    public void H17_A_topic_of_another_hub_is_refused_without_repeating_its_key()
    {
        var fault = Faults(("hub.mode", "subscribe"), ("hub.topic", Topic.Replace("hub.", "bub.", StringComparison.Ordinal)),
            ("hub.callback", Callback)).ShouldHaveSingleItem();

        fault.ShouldContain("not a feed of this hub");
        fault.ShouldNotContain("rk_abc");
    }

    [Theory]
    [InlineData("sha1", SignatureMethod.Sha1)]
    [InlineData("sha256", SignatureMethod.Sha256)]
    [InlineData("sha384", SignatureMethod.Sha384)]
    [InlineData("sha512", SignatureMethod.Sha512)]
    [InlineData("standard", SignatureMethod.Standard)]
    public void H35_The_subscriber_may_choose_the_hash(string name, SignatureMethod method) =>
        Read([.. Fields(), ("hub.signature", name)]).Signature.ShouldBe(method);

    [Fact]
    public void Delta_is_understood()
    {
        Read([.. Fields(), ("hub.content", "delta")]).Delta.ShouldBeTrue();
        Read([.. Fields(), ("hub.content", "full")]).Delta.ShouldBeFalse();
    }

    [Fact]
    public void What_03_clients_send_is_taken()
    {
        var request = Read([.. Fields(), ("hub.verify", "sync"), ("hub.verify", "async"), ("hub.verify_token", "their token"),
            ("hub.lease_seconds", "")]);

        request.VerifyToken.ShouldBe("their token");
        request.LeaseSeconds.ShouldBe(864_000);
    }

    [Fact]
    public void A_request_tells_no_secret_when_printed() => Read([.. Fields(), ("hub.secret", "geheim")])
        .ToString().ShouldBe("subscribe 0123456789ab.atom");

    private static (string Name, string Value)[] Fields() => [("hub.mode", "subscribe"), ("hub.topic", Topic), ("hub.callback", Callback)];

    private static SubscribeRequest Read(params IEnumerable<(string Name, string Value)> fields)
    {
        SubscribeRequest.TryRead(Form(fields), Hub, out var request, out var faults).ShouldBeTrue(string.Join('\n', faults));
        return request!;
    }

    private static IReadOnlyList<string> Faults(params IEnumerable<(string Name, string Value)> fields)
    {
        SubscribeRequest.TryRead(Form(fields), Hub, out _, out var faults).ShouldBeFalse();
        return faults;
    }

    private static FormBody Form(IEnumerable<(string Name, string Value)> fields)
    {
        var body = string.Join('&', fields.Select(field => $"{Uri.EscapeDataString(field.Name)}={Uri.EscapeDataString(field.Value)}"));
        FormBody.TryParse(Encoding.ASCII.GetBytes(body), out var form, out var fault).ShouldBeTrue(fault);
        return form!;
    }
}
