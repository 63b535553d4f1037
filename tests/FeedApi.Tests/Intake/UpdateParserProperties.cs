using System.Text;
using System.Text.Json;
using ActivityHub.FeedApi.Intake.Parsing;
using FsCheck;
using FsCheck.Xunit;

namespace ActivityHub.FeedApi.Tests.Intake;

public sealed class UpdateParserProperties
{
    private static readonly DateTimeOffset Now = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    [Property(MaxTest = 500)]
    public bool Any_bytes_are_either_taken_or_refused_with_a_reason(byte[] body, bool lines) => IsAnswered(body, lines);

    [Property(MaxTest = 500)]
    public bool A_body_that_was_cut_off_or_changed_is_either_taken_or_refused_with_a_reason(int cut, int at, byte value)
    {
        var body = Encoding.UTF8.GetBytes(
            """[{"id":"é","kind":"geo","at":"2026-11-23T08:15:30-03:00","location":{"lat":1,"lon":2},"data":{"a":["\ud83d\ude00",1e9,{}]}}]""");
        body[(int)((uint)at % body.Length)] = value;
        return IsAnswered(body[..(int)((uint)cut % (body.Length + 1))], lines: false) && IsAnswered(body, lines: true);
    }

    [Property(MaxTest = 500)]
    public bool Text_without_lone_surrogates_comes_through_whole(NonNull<string> text)
    {
        var title = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text.Get));
        var data = JsonSerializer.Serialize(new Dictionary<string, string> { [title] = title });
        var parsed = UpdateParser.Parse(Encoding.UTF8.GetBytes($$"""{"kind":"a","data":{{data}}}"""), BodyShape.Json, Now);
        return parsed.Updates is [{ Data: { } kept }] && kept == data;
    }

    [Property(MaxTest = 500)]
    public bool An_escape_of_half_a_pair_is_found_wherever_it_stands(NonNull<string> before, NonNull<string> after, ushort half)
    {
        var escape = $"\\u{0xD800 | (half & 0x7FF):x4}";
        var text = JsonEncodedText.Encode(before.Get).ToString() + escape + "-" + JsonEncodedText.Encode(after.Get);
        return !JsonWords.HasPairedSurrogates(Encoding.UTF8.GetBytes(text));
    }

    private static bool IsAnswered(byte[] body, bool lines)
    {
        var parsed = UpdateParser.Parse(body, lines ? BodyShape.Lines : BodyShape.Json, Now);
        return parsed.Problem is { Detail.Length: > 0 } problem ? problem.Render().Length > 0 : parsed.Updates.Count > 0;
    }
}
