using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ActivityHub.FeedApi.Intake;
using ActivityHub.Ledger.Updates;
using Shouldly;
using Xunit;

namespace ActivityHub.FeedApi.Tests.Intake;

/// <summary>
/// Every file below Fixtures, of whatever format: what is made of a request, and what its app is told. Their shape is told at
/// <see cref="PhoneFixture"/>.
/// </summary>
public sealed class FixtureTests
{
    public static TheoryData<string> All => [.. PhoneFixture.Names];

    [Theory, MemberData(nameof(All))]
    public void A_request_becomes_these_updates(string name)
    {
        var fixture = PhoneFixture.Open(name);
        using var request = fixture.Request();

        var reading = fixture.Format.Read(request);

        Plain(new JsonArray([.. reading.Updates.Select(Shown)])).ShouldBe(Plain(fixture.Updates));
        reading.Rejected.Count.ShouldBe(fixture.Rejected.Count, string.Join(" | ", reading.Rejected.Select(part => part.Reason)));
        foreach (var (part, reason) in reading.Rejected.Zip(fixture.Rejected))
        {
            part.Reason.ShouldContain(reason);
        }
    }

    [Theory, MemberData(nameof(All))]
    public void Its_app_is_told_what_it_waits_for(string name)
    {
        var fixture = PhoneFixture.Open(name);
        using var request = fixture.Request();
        var reading = fixture.Format.Read(request);
        var mail = fixture.Mail();
        (fixture.Format.CarriesMessages || mail.Count == 0).ShouldBeTrue("It carries no mail.");

        var answer = fixture.Format.Answer(request, new Taken(reading, [.. reading.Updates.Select((_, index) => index + 1L)], 0, mail));

        answer.Status.ShouldBe(fixture.Answer["status"]!.GetValue<int>());
        var body = Encoding.UTF8.GetString(answer.Body.Span);
        if (fixture.Answer["body"] is { } expected && expected.GetValueKind() != JsonValueKind.String)
        {
            Plain(JsonNode.Parse(body)).ShouldBe(Plain(expected));
        }
        else
        {
            body.ShouldBe(fixture.Answer["body"]?.GetValue<string>() ?? "");
        }
    }

    [Theory, MemberData(nameof(All))]
    public void Its_format_is_found_by_what_it_looks_like(string name)
    {
        var fixture = PhoneFixture.Open(name);
        using var request = fixture.Request();

        if (fixture.IsFoundByItself)
        {
            PhoneFixture.Formats.Recognise(request).Name.ShouldBe(fixture.FormatName);
        }
    }

    [Theory, MemberData(nameof(All))]
    public void A_repeat_has_the_same_ids_and_no_two_updates_share_one(string name)
    {
        var fixture = PhoneFixture.Open(name);
        using var first = fixture.Request();
        using var second = fixture.Request();

        var ids = fixture.Format.Read(first).Updates.Select(update => update.ClientId).ToList();

        fixture.Format.Read(second).Updates.Select(update => update.ClientId).ShouldBe(ids);
        ids.OfType<string>().ShouldBeUnique();
    }

    [Theory, MemberData(nameof(All))]
    public void What_was_rejected_is_read_again_by_itself_to_the_same_end(string name)
    {
        var fixture = PhoneFixture.Open(name);
        using var request = fixture.Request();
        foreach (var part in fixture.Format.Read(request).Rejected.Where(part => part.Body.Length == part.Length))
        {
            using var again = fixture.Request(part.Body.ToArray());
            fixture.Format.Read(again).Rejected.ShouldHaveSingleItem().Reason.ShouldBe(part.Reason);
        }
    }

    private static JsonNode Shown(NewUpdate update)
    {
        var shown = new JsonObject { ["kind"] = update.Kind };
        Add(
            "at",
            update.At is { } at
                ? at.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF") + (at.Offset == TimeSpan.Zero ? "Z" : at.ToString("zzz"))
                : null);
        Add("title", update.Title);
        Add("data", update.Data is { } data ? JsonNode.Parse(data) : null);
        if (update.Location is { } place)
        {
            shown["location"] = JsonSerializer.SerializeToNode(place, Members);
        }

        return shown;

        void Add(string member, JsonNode? value)
        {
            if (value is not null)
            {
                shown[member] = value;
            }
        }
    }

    private static readonly JsonSerializerOptions Members = new(
        JsonSerializerDefaults.Web)
    { DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull };
    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping
    };

    // The same however its members are ordered and its numbers written; and readable where it is not the same.
    private static string Plain(JsonNode? json) => Sorted(json)?.ToJsonString(Indented) ?? "null";

    private static JsonNode? Sorted(JsonNode? json) => json switch
    {
        JsonObject item =>
            new JsonObject(
                item.OrderBy(member => member.Key, StringComparer.Ordinal)
                    .Select(member => KeyValuePair.Create(member.Key, Sorted(member.Value)))),
        JsonArray items => new JsonArray([.. items.Select(Sorted)]),
        JsonValue value when value.GetValueKind() == JsonValueKind.Number =>
            JsonValue.Create(Math.Round(double.Parse(value.ToJsonString()), 6)),
        _ => json?.DeepClone(),
    };
}
