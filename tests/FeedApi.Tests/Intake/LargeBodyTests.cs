using System.IO.Compression;
using System.Text;
using ActivityHub.FeedApi.Intake;
using ActivityHub.FeedApi.Intake.Parsing;
using Microsoft.AspNetCore.Http;
using Shouldly;
using Xunit;

namespace ActivityHub.FeedApi.Tests.Intake;

/// <summary>What a body costs is bounded by what it unpacks to, and what it holds is counted before anything is made of it.</summary>
public sealed class LargeBodyTests
{
    private const int Bound = IngestAddress.MaxBody;

    public static TheoryData<string, string> Bombs => new()
    {
        { "application/json", $"[{Many("{}")}]" },
        { "application/json", Many("[]", between: '\n') },
        { "application/json", $"{{\"locations\":[{Many("{}")}]}}" },
        { "application/json", $"{{{Many("\"a\":1")}}}" },
        { "application/json", $"{{\"x\":[{Many("[" + string.Join(',', Enumerable.Repeat("1", 9_999)) + "]")}]}}" },
        { "application/x-ndjson", Many("{\"kind\":\"x\"}", between: '\n') },
        { "application/x-www-form-urlencoded", string.Join('&', Enumerable.Range(0, 700_000).Select(n => $"name{n}=1")) },
    };

    [Theory, MemberData(nameof(Bombs))]
    public void A_message_of_millions_of_elements_is_refused_by_every_format_for_little_memory(string type, string text)
    {
        var body = Encoding.UTF8.GetBytes(text);
        body.Length.ShouldBeGreaterThan(Bound * 9 / 10);
        var intake = new PhoneIntake(null!, null!, null!, Microsoft.Extensions.Logging.Abstractions.NullLogger<PhoneIntake>.Instance);

        foreach (var format in PhoneFixture.Formats.All)
        {
            using var request = new PhoneRequest(
                "POST", "", new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase) { ["Content-Type"] = type }, body,
                new DateTimeOffset(2026, 11, 28, 12, 0, 0, TimeSpan.Zero));
            var before = GC.GetAllocatedBytesForCurrentThread();

            PhoneFixture.Formats.Recognise(request);
            var reading = intake.Read(format, request);

            // A form is a text before it is fields; of JSON nothing is made at all.
            var allowed = type.Contains("form", StringComparison.Ordinal) ? 5 * body.Length : 300_000;
            (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(allowed, format.Name);
            reading.Updates.ShouldBeEmpty();
            (reading.Excess is not null || reading.Faults > 0).ShouldBeTrue(format.Name);
        }
    }

    [Fact]
    public async Task A_body_takes_a_place_by_what_it_unpacks_to_and_leaves_it()
    {
        using var bodies = new LargeBodies(TimeProvider.System);
        var free = bodies.FreeReadings;

        foreach (var (length, coding, takes) in new[]
        {
            (RequestBody.MaxLength, null, false), (RequestBody.MaxLength + 1, null, true), (RequestBody.MaxLength, "gzip", false),
            (RequestBody.MaxLength + 1, "gzip", true), (RequestBody.MaxLength + 1, "br", true),
            (RequestBody.MaxLength + 1, "deflate", true), (Bound, "gzip", true), (Bound + 1, "br", true),
        })
        {
            using (var room = bodies.For())
            {
                using var body = await ReadAsync(new byte[length], coding, room);

                bodies.FreeReadings.ShouldBe(takes ? free - 1 : free, $"{length} {coding}");
                (body.Problem?.Status).ShouldBe(length > Bound ? 413 : null, $"{length} {coding}");
                body.Bytes.Length.ShouldBe(length > Bound ? body.Bytes.Length : length);
            }

            bodies.FreeReadings.ShouldBe(free);
        }
    }

    [Fact]
    public async Task Where_no_place_gets_free_a_body_comes_again_and_a_small_one_is_not_held_up()
    {
        var clock = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        using var bodies = new LargeBodies(clock);
        var rooms = Enumerable.Range(0, bodies.FreeReadings).Select(_ => bodies.For()).ToList();
        foreach (var room in rooms)
        {
            (await room.EnterAsync(TestContext.Current.CancellationToken)).ShouldBeTrue();
        }

        using var waiting = bodies.For();
        var large = ReadAsync(new byte[Bound], "gzip", waiting);
        using var small = await ReadAsync(new byte[1000], "gzip", bodies.For());
        small.Problem.ShouldBeNull();
        large.IsCompleted.ShouldBeFalse();
        clock.Advance(TimeSpan.FromSeconds(6));

        (await large).Problem.ShouldNotBeNull().Status.ShouldBe(503);
        rooms.ForEach(room => room.Dispose());
        (await waiting.EnterAsync(TestContext.Current.CancellationToken)).ShouldBeTrue();
    }

    [Theory]
    [InlineData("{\"lat\":1,\"lon\":2}", 2_000, ',', false)]
    [InlineData("{\"lat\":1,\"lon\":2}", 2_001, ',', true)]
    [InlineData("{\"lat\":1,\"lon\":2}", 2_001, '\n', true)]
    public void A_small_body_of_many_elements_counts_as_a_large_one(string item, int times, char between, bool isHeavy)
    {
        var text = string.Join(between, Enumerable.Repeat(item, times));
        using var request = new PhoneRequest(
            "POST", "", new Dictionary<string, string>(), Encoding.UTF8.GetBytes(between == ',' ? $"[{text}]" : text), default);

        request.IsHeavy.ShouldBe(isHeavy);
    }

    [Fact]
    public void Many_texts_that_hold_half_of_a_surrogate_pair_cost_no_exception_each()
    {
        var text = $"[{string.Join(',', Enumerable.Repeat("{\"\\ud800\":1,\"kind\":\"\\udfff\"}", 5_000))}]";
        MessageBounds.IsGarbled(Encoding.UTF8.GetBytes(text)).ShouldBeTrue();
        using var request = new PhoneRequest("POST", "", new Dictionary<string, string>(), Encoding.UTF8.GetBytes(text), default);

        request.Json.ShouldBeNull();
        request.JsonFault!.ShouldContain("surrogate");
    }

    private static string Many(string item, char between = ',') =>
        string.Join(between, Enumerable.Repeat(item, (Bound - 40) / (item.Length + 1)));

    private static Task<RequestBody> ReadAsync(byte[] text, string? coding, LargeBodies.Room room)
    {
        var packed = new MemoryStream();
        using (Stream packing = coding switch
        {
            "gzip" => new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true),
            "br" => new BrotliStream(packed, CompressionLevel.Fastest, leaveOpen: true),
            "deflate" => new ZLibStream(packed, CompressionLevel.Fastest, leaveOpen: true),
            _ => packed,
        })
        {
            packing.Write(text);
            if (coding is null)
            {
                packed = new MemoryStream(text);
            }
        }

        var request = new DefaultHttpContext().Request;
        request.Body = new MemoryStream(packed.ToArray());
        request.ContentLength = packed.ToArray().Length;
        if (coding is not null)
        {
            request.Headers.ContentEncoding = coding;
        }

        return RequestBody.ReadAsync(request, Bound, room, TestContext.Current.CancellationToken);
    }
}
