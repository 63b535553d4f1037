using System.Globalization;
using System.Text;
using ActivityHub.FeedApi.Intake.Parsing;
using ActivityHub.Ledger.Places;
using ActivityHub.Web;
using Shouldly;
using Xunit;

namespace ActivityHub.FeedApi.Tests.Intake;

public sealed class UpdateParserTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void An_update_with_every_member_is_read_as_it_was_sent()
    {
        var parsed = Parse("""
            { "id": "walk-1", "kind": "geo", "at": "2026-11-23T08:15:30.1234567-03:00", "title": "Olá 😀",
              "location": { "lat": -23.4, "lon": -50.3, "accuracy": 12, "altitude": 610, "speed": 3.2, "heading": 360 },
              "data": { "steps" : 12, "tags":["a", {"b":null}] } }
            """);

        parsed.Problem.ShouldBeNull();
        parsed.IsSingle.ShouldBeTrue();
        var update = parsed.Updates.ShouldHaveSingleItem();
        update.ClientId.ShouldBe("walk-1");
        update.Kind.ShouldBe("geo");
        update.At.ShouldNotBeNull().ShouldBe(new DateTimeOffset(2026, 11, 23, 8, 15, 30, TimeSpan.FromHours(-3)).AddTicks(1_234_560));
        update.At.Value.Offset.ShouldBe(TimeSpan.FromHours(-3));
        update.Title.ShouldBe("Olá 😀");
        update.Location.ShouldBe(new Place(-23.4, -50.3, 12, 610, 3.2, 360));
        update.Data.ShouldBe("""{ "steps" : 12, "tags":["a", {"b":null}] }""");
    }

    [Fact]
    public void Null_is_as_good_as_absent()
    {
        var update = Parse("""{"kind":"battery","id":null,"at":null,"title":null,"location":null,"data":null}""").Updates
            .ShouldHaveSingleItem();

        update.ClientId.ShouldBeNull();
        update.At.ShouldBeNull();
        update.Title.ShouldBeNull();
        update.Location.ShouldBeNull();
        update.Data.ShouldBeNull();
    }

    [Theory]
    [InlineData("""{}""", "kind")]
    [InlineData("""{"kind":null}""", "kind")]
    [InlineData("""{"kind":""}""", "kind")]
    [InlineData("""{"kind":"Geo"}""", "kind")]
    [InlineData("""{"kind":7}""", "kind")]
    [InlineData("""{"kind":["geo"]}""", "kind")]
    [InlineData("""{"kind":"abcdefghijklmnopqrstuvwxyz0123456"}""", "kind")]
    [InlineData("""{"kind":"geo","kind":"geo"}""", "kind")]
    [InlineData("""{"kind":"geo","k\u0069nd":"geo"}""", "kind")]
    [InlineData("""{"kind":"geo","id":""}""", "id")]
    [InlineData("""{"kind":"geo","id":5}""", "id")]
    [InlineData("""{"kind":"geo","id":"a\u0000b"}""", "id")]
    [InlineData("""{"kind":"geo","id":"a\nb"}""", "id")]
    [InlineData("""{"kind":"geo","id":"\ud83d"}""", "id")]
    [InlineData("""{"kind":"geo","id":"01234567890123456789012345678901234567890123456789012345678901234"}""", "id")]
    [InlineData("""{"kind":"geo","at":"2026-11-23T08:15:30"}""", "at")]
    [InlineData("""{"kind":"geo","at":"yesterday"}""", "at")]
    [InlineData("""{"kind":"geo","at":1763883330}""", "at")]
    [InlineData("""{"kind":"geo","at":"1969-12-31T23:59:59Z"}""", "at")]
    [InlineData("""{"kind":"geo","at":"2026-11-24T12:00:01Z"}""", "at")]
    [InlineData("""{"kind":"geo","title":{"a":1}}""", "title")]
    [InlineData("""{"kind":"geo","title":"\udc00"}""", "title")]
    [InlineData("""{"kind":"geo","title":"\ud800x\udc00"}""", "title")]
    [InlineData("""{"kind":"geo","location":[1,2]}""", "location")]
    [InlineData("""{"kind":"geo","location":{"lon":1}}""", "location.lat")]
    [InlineData("""{"kind":"geo","location":{"lat":null,"lon":1}}""", "location.lat")]
    [InlineData("""{"kind":"geo","location":{"lat":1}}""", "location.lon")]
    [InlineData("""{"kind":"geo","location":{"lat":"1","lon":1}}""", "location.lat")]
    [InlineData("""{"kind":"geo","location":{"lat":90.0001,"lon":1}}""", "location.lat")]
    [InlineData("""{"kind":"geo","location":{"lat":1e400,"lon":1}}""", "location.lat")]
    [InlineData("""{"kind":"geo","location":{"lat":1,"lon":-180.1}}""", "location.lon")]
    [InlineData("""{"kind":"geo","location":{"lat":1,"lon":1,"lon":1}}""", "location.lon")]
    [InlineData("""{"kind":"geo","location":{"lat":1,"lon":1,"accuracy":-1}}""", "location.accuracy")]
    [InlineData("""{"kind":"geo","location":{"lat":1,"lon":1,"accuracy":1e400}}""", "location.accuracy")]
    [InlineData("""{"kind":"geo","location":{"lat":1,"lon":1,"altitude":-12001}}""", "location.altitude")]
    [InlineData("""{"kind":"geo","location":{"lat":1,"lon":1,"speed":-1}}""", "location.speed")]
    [InlineData("""{"kind":"geo","location":{"lat":1,"lon":1,"heading":360.5}}""", "location.heading")]
    [InlineData("""{"kind":"geo","location":{"lat":1,"lon":1,"course":5}}""", "location.course")]
    [InlineData("""{"kind":"geo","data":[]}""", "data")]
    [InlineData("""{"kind":"geo","data":"x"}""", "data")]
    [InlineData("""{"kind":"geo","data":{"a":{"b":1,"c":2,"b":3}}}""", "data.a.b")]
    [InlineData("""{"kind":"geo","data":{"a":1,"\u0061":2}}""", "data.a")]
    [InlineData("""{"kind":"geo","data":{"a":[1,{"b":1e999}]}}""", "data.a.b")]
    [InlineData("""{"kind":"geo","data":{"a":["\ud800"]}}""", "data.a")]
    [InlineData("""{"kind":"geo","data":{"a":{"\udfff":1}}}""", "data.a")]
    [InlineData("""{"kind":"geo","lat":1}""", "lat")]
    [InlineData("""{"kind":"geo","\ud800":1}""", "")]
    [InlineData("""5""", "")]
    [InlineData("""[5]""", "")]
    [InlineData("""[[]]""", "")]
    [InlineData("""{"kind":"geo"} trailing""", "")]
    [InlineData("""{"kind":"geo"}{"kind":"geo"}""", "")]
    [InlineData("""{"kind":"geo",}""", "")]
    [InlineData("""{"kind":"geo" """, "")]
    [InlineData("""{"kind":"geo","data":{"n":01}}""", "")]
    [InlineData("""{'kind':'geo'}""", "")]
    public void A_fault_is_named_by_its_path(string body, string path)
    {
        var problem = Parse(body).Problem.ShouldNotBeNull();

        problem.Status.ShouldBe(400);
        problem.Faults.ShouldNotBeNull().Named.ShouldContain(fault => fault.Index == 0 && fault.Path == path && fault.Detail.Length > 0);
        problem.Faults.Count.ShouldBe(1);
    }

    [Fact]
    public void A_fault_says_what_was_found_and_what_to_send_instead() =>
        OnlyFault(Parse("""[{"kind":"geo"},{"kind":"geo","location":{"lat":91,"lon":0}}]"""))
            .ShouldBe(new Fault(1, "location.lat", "91 is out of range; a latitude is -90 to 90."));

    [Fact]
    public void An_array_that_is_not_closed_is_at_fault_after_its_last_update() =>
        OnlyFault(Parse("""[{"kind":"geo"}""")).Index.ShouldBe(1);

    [Fact]
    public void Every_fault_of_every_update_is_named_at_once()
    {
        var faults = Parse("""[{"kind":"Geo","at":"x"},{"kind":"geo"},{"location":{"lat":91,"lon":181}},7]""")
            .Problem.ShouldNotBeNull().Faults.ShouldNotBeNull();

        faults.Named.Select(fault => (fault.Index, fault.Path)).ShouldBe(
            [(0, "kind"), (0, "at"), (2, "location.lat"), (2, "location.lon"), (2, "kind"), (3, "")], ignoreOrder: true);
    }

    [Fact]
    public void The_first_hundred_faults_are_named_and_all_are_counted()
    {
        var faults = Parse("[" + string.Join(',', Enumerable.Repeat("{}", 150)) + "]").Problem.ShouldNotBeNull().Faults.ShouldNotBeNull();

        faults.Count.ShouldBe(150);
        faults.Named.Count.ShouldBe(100);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" \r\n\t ")]
    [InlineData("[]")]
    [InlineData("[ ]")]
    [InlineData("\uFEFF")]
    public void A_body_without_an_update_is_told_what_to_send(string body)
    {
        var problem = Parse(body).Problem.ShouldNotBeNull();

        problem.Status.ShouldBe(400);
        problem.Detail.ShouldContain("application/x-ndjson");
    }

    [Fact]
    public void Lines_are_read_one_by_one_and_blank_ones_are_passed_over()
    {
        var parsed = Parse("{\"kind\":\"a\"}\r\n\n  \n{\"kind\":\"b\"}\n", BodyShape.Lines);

        parsed.Problem.ShouldBeNull();
        parsed.IsSingle.ShouldBeFalse();
        parsed.Updates.Select(update => update.Kind).ShouldBe(["a", "b"]);
    }

    [Fact]
    public void A_broken_line_does_not_hide_the_faults_of_the_next()
    {
        var faults = Parse("{\"kind\":\"a\"}\n\n{\"kind\":\n{\"kind\":\"B\"}\n{\"kind\":\"c\"} {", BodyShape.Lines)
            .Problem.ShouldNotBeNull().Faults.ShouldNotBeNull();

        faults.Named.Select(fault => (fault.Index, fault.Path)).ShouldBe([(1, ""), (2, "kind"), (3, "")]);
        faults.Named[0].Detail.ShouldContain("line 3");
    }

    [Fact]
    public void Lines_sent_as_json_are_pointed_to_their_content_type() =>
        OnlyFault(Parse("{\"kind\":\"a\"}\n{\"kind\":\"b\"}\n")).Detail.ShouldContain("application/x-ndjson");

    [Fact]
    public void One_line_is_answered_as_many_are() => Parse("""{"kind":"a"}""", BodyShape.Lines).IsSingle.ShouldBeFalse();

    [Fact]
    public void A_thousand_updates_are_taken_and_one_more_is_not()
    {
        Parse("[" + string.Join(',', Enumerable.Repeat("""{"kind":"a"}""", 1000)) + "]").Updates.Count.ShouldBe(1000);
        Parse("[" + string.Join(',', Enumerable.Repeat("""{"kind":"a"}""", 1001)) + "]").Problem.ShouldNotBeNull().Status.ShouldBe(413);
        Parse(string.Join('\n', Enumerable.Repeat("""{"kind":"a"}""", 1000)) + "\n", BodyShape.Lines).Updates.Count.ShouldBe(1000);
        Parse(string.Join('\n', Enumerable.Repeat("""{"kind":"a"}""", 1001)) + "\n", BodyShape.Lines).Problem.ShouldNotBeNull().Status
            .ShouldBe(413);
    }

    [Fact]
    public void An_update_of_64_KiB_is_taken_and_a_larger_one_is_named()
    {
        Parse(OfLength(64 * 1024)).Problem.ShouldBeNull();

        var problem = Parse($$"""[{"kind":"a"},{{OfLength((64 * 1024) + 1)}}]""").Problem.ShouldNotBeNull();
        problem.Status.ShouldBe(413);
        problem.Faults.ShouldNotBeNull().Named.ShouldHaveSingleItem().Index.ShouldBe(1);
    }

    [Theory]
    [InlineData(29, true)]
    [InlineData(30, true)]
    [InlineData(31, false)]
    public void Data_may_be_nested_to_a_depth_of_32_however_the_update_is_sent(int arrays, bool isTaken)
    {
        // The update is one level, data another.
        var update = $$$"""{"kind":"a","data":{"x":{{{new string('[', arrays)}}}{{{new string(']', arrays)}}}}}""";

        (Parse(update).Problem is null).ShouldBe(isTaken);
        (Parse($"[{update}]").Problem is null).ShouldBe(isTaken);
        (Parse(update, BodyShape.Lines).Problem is null).ShouldBe(isTaken);
    }

    [Fact]
    public void A_title_has_200_characters_of_any_kind()
    {
        var faces = string.Concat(Enumerable.Repeat("😀", 200));

        Parse($$"""{"kind":"a","title":"{{faces}}"}""").Updates.ShouldHaveSingleItem().Title.ShouldBe(faces);
        OnlyFault(Parse($$"""{"kind":"a","title":"{{faces}}!"}""")).Path.ShouldBe("title");
    }

    [Fact]
    public void Zero_in_a_title_is_replaced_and_everything_else_is_kept() =>
        Parse("""{"kind":"a","title":"a\u0000b\u0001\ud83d\ude00]]></script>"}""")
            .Updates.ShouldHaveSingleItem().Title.ShouldBe("a\uFFFDb\u0001😀]]></script>");

    [Fact]
    public void A_zero_and_a_pair_of_surrogates_in_data_stay_as_they_were_written()
    {
        const string Data = """{"a":"\u0000\ud83d\ude00\\ud800","\\u":1}""";

        Parse($$"""{"kind":"a","data":{{Data}}}""").Updates.ShouldHaveSingleItem().Data.ShouldBe(Data);
    }

    [Fact]
    public void Data_of_thousands_of_members_is_searched_for_repeats_in_no_time()
    {
        var members = string.Join(',', Enumerable.Range(0, 5000).Select(i => string.Create(CultureInfo.InvariantCulture, $"\"k{i}\":0")));

        Parse($$$"""{"kind":"a","data":{ {{{members}}} }}""").Problem.ShouldBeNull();
        OnlyFault(Parse($$$"""{"kind":"a","data":{ {{{members}}},"k4999":1}}""")).Path.ShouldBe("data.k4999");
    }

    [Fact]
    public void Bytes_that_are_no_utf8_are_refused_with_their_offset()
    {
        var problem = UpdateParser.Parse([.. "{\"kind\":\"a\",\"title\":\""u8, 0xC3, 0x28, .. "\"}"u8], BodyShape.Json, Now).Problem
            .ShouldNotBeNull();

        problem.Status.ShouldBe(400);
        problem.Detail.ShouldContain("offset 21");
    }

    [Fact]
    public void A_byte_order_mark_is_passed_over() => Parse("\uFEFF{\"kind\":\"a\"}").Problem.ShouldBeNull();

    [Fact]
    public void An_id_may_occur_twice_in_one_batch() =>
        Parse("""[{"kind":"a","id":"x"},{"kind":"a","id":"x"}]""").Updates.Count.ShouldBe(2);

    [Fact]
    public void A_problem_is_a_document_of_rfc_9457()
    {
        var problem = Encoding.UTF8.GetString(Parse("""{"kind":"geo","location":{"lat":91,"lon":0}}""").Problem.ShouldNotBeNull().Render());

        problem.ShouldStartWith("""{"type":"urn:activity-hub:problem:bad-updates","title":""");
        problem.ShouldContain("\"status\":400");
        problem.ShouldEndWith(""""errors":[{"index":0,"path":"location.lat","detail":"91 is out of range; a latitude is -90 to 90."}]}"""");
    }

    private static Fault OnlyFault(ParsedUpdates parsed) =>
        parsed.Problem.ShouldNotBeNull().Faults.ShouldNotBeNull().Named.ShouldHaveSingleItem();

    private static string OfLength(int length)
    {
        const string Frame = """{"kind":"a","data":{"x":""}}""";
        return Frame.Insert(Frame.Length - 3, new string('y', length - Frame.Length));
    }

    private static ParsedUpdates Parse(string body, BodyShape shape = BodyShape.Json) =>
        UpdateParser.Parse(Encoding.UTF8.GetBytes(body), shape, Now);
}
