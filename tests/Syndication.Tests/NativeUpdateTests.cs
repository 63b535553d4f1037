using System.Text;
using System.Text.Json;
using ActivityHub.Ledger.Grants;
using ActivityHub.Ledger.Updates;
using FsCheck.Xunit;
using Shouldly;
using Xunit;

namespace ActivityHub.Syndication.Tests;

public sealed class NativeUpdateTests
{
    [Fact]
    public void The_members_come_in_one_order_and_absent_ones_are_left_out()
    {
        Native(Samples.Located()).ShouldBe(
            """{"seq":19,"id":"phone-7","kind":"geo","at":"2026-11-23T08:15:30.25-03:00","received":"2026-11-23T12:00:00.123456Z","location":{"lat":-23.4,"lon":-50.3,"accuracy":12,"altitude":610,"speed":3.2,"heading":270}}""");
        Native(Samples.Update(title: "Low soon")).ShouldBe(
            """{"seq":18,"id":"1b4e28ba-2fa1-41d2-883f-000000000012","kind":"battery","at":"2026-11-23T08:15:30-03:00","received":"2026-11-23T12:00:00Z","title":"Low soon","data":{"level":47,"charging":true}}""");
    }

    [Theory]
    [InlineData(0, 0, "2026-11-23T12:00:00Z")]
    [InlineData(0, 1, "2026-11-23T12:00:00.000001Z")]
    [InlineData(0, 100_000, "2026-11-23T12:00:00.1Z")]
    [InlineData(345, 999_999, "2026-11-23T17:45:00.999999+05:45")]
    [InlineData(-210, 0, "2026-11-23T08:30:00-03:30")]
    public void Times_are_RFC_3339_in_the_phones_own_time(short offset, int microseconds, string at)
    {
        var update = new FeedUpdate
        {
            Kind = "mood",
            At = Samples.Noon.AddMicroseconds(microseconds),
            AtOffset = offset,
            Received = Samples.Noon
        };

        JsonElement.Parse(Native(update)).GetProperty("at").GetString().ShouldBe(at);
    }

    [Fact]
    public void A_view_that_hides_something_gives_opaque_positions()
    {
        var positions = Samples.OpaquePositions;

        var seqs = new[] { 18L, 19, 20 }.Select(
            seq => JsonElement.Parse(NativeUpdate.Render(Samples.Update(seq: seq), positions)).GetProperty("seq").GetString()!).ToList();

        seqs.Distinct().Count().ShouldBe(3);
        seqs.ShouldAllBe(seq => seq.Length == 22);
        positions.TryRead(seqs[1], out var read).ShouldBeTrue();
        read.ShouldBe(new Position(19, 1));
    }

    [Theory]
    [InlineData(FeedFormat.Atom)]
    [InlineData(FeedFormat.Rss)]
    [InlineData(FeedFormat.Json)]
    [InlineData(FeedFormat.Js)]
    [InlineData(FeedFormat.GeoJson)]
    public void No_document_of_such_a_view_tells_the_number(FeedFormat format)
    {
        var document = Encoding.UTF8.GetString(
            FeedRenderer.Render(
                format, Samples.Feed(positions: Samples.OpaquePositions), [Samples.Update(kind: "mood", data: null, seq: 987_654_321)]));

        document.ShouldContain("\"seq\":\"");
        document.ShouldNotContain("987654321");
    }

    [Fact]
    public void Numbers_that_JSON_cannot_say_are_left_out() =>
        Native(Samples.Located(accuracy: double.PositiveInfinity, altitude: double.NaN))
            .ShouldEndWith("""{"lat":-23.4,"lon":-50.3,"speed":3.2,"heading":270}}""");

    [Fact]
    public void Numbers_in_the_data_keep_every_digit() =>
        Native(Samples.Update(data: """{"big":123456789012345678901234567890,"small":1.50e-7}"""))
            .ShouldContain("""{"big":123456789012345678901234567890,"small":1.50e-7}""");

    [Property(Arbitrary = [typeof(PhoneTexts)], MaxTest = 500)]
    public void It_is_one_line_without_markup_whatever_encoder_the_writer_has(PhoneText text)
    {
        var update = Samples.Update(kind: "mood", title: text.Value, data: text.AsData, clientId: text.Value);
        var buffer = new System.Buffers.ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(
            buffer, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            NativeUpdate.Write(json, update, Samples.PlainPositions);
        }

        var line = Encoding.UTF8.GetString(buffer.WrittenSpan);

        line.ShouldBe(Native(update));
        line.ShouldAllBe(
            character =>
                !char.IsControl(character) && character != '<' && character != '>' && character != '&' && character != '\uFFFE' &&
                    character != '\uFFFF');
        JsonElement.DeepEquals(JsonElement.Parse(line).GetProperty("data"), JsonElement.Parse(text.AsData)).ShouldBeTrue();
    }

    private static string Native(FeedUpdate update) => Encoding.UTF8.GetString(NativeUpdate.Render(update, Samples.PlainPositions));
}
