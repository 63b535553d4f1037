using System.Buffers;
using System.Text;
using System.Text.Json;
using ActivityHub.Ledger.Updates;
using Shouldly;
using Xunit;

namespace ActivityHub.Syndication.Tests;

public sealed class FeedDocumentTests
{
    public static TheoryData<FeedFormat> Formats => [.. Enum.GetValues<FeedFormat>()];

    [Theory]
    [MemberData(nameof(Formats))]
    public void A_document_is_the_same_bytes_each_time_and_on_any_writer(FeedFormat format)
    {
        // Larger than any buffer starts with: 200 updates, one of them with as much data as an update may have.
        var updates = Enumerable.Range(1, 200).Select(seq => Samples.Update(seq: seq, title: "😀 <b>")).Reverse().ToList();
        updates.Add(Samples.Update(kind: "mood", data: JsonSerializer.Serialize(new { text = new string('é', 60_000) })));
        var output = new ArrayBufferWriter<byte>(1);

        FeedRenderer.Write(output, format, Samples.Feed(), updates);

        output.WrittenSpan.SequenceEqual(FeedRenderer.Render(format, Samples.Feed(), updates)).ShouldBeTrue();
        output.WrittenSpan[0].ShouldBeOneOf((byte)'<', (byte)'{');
        Should.NotThrow(() => new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(output.WrittenSpan));
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Every_format_names_an_entry_alike(FeedFormat format) =>
        Encoding.UTF8.GetString(FeedRenderer.Render(format, Samples.Feed(), [Samples.Located()]))
            .ShouldContain("urn:uuid:0a9f3a53-6f0e-4f6b-9a55-1c7f6d1f0f00");

    [Theory]
    [MemberData(nameof(Formats))]
    public void Every_document_names_its_hub_and_itself(FeedFormat format)
    {
        var document = Encoding.UTF8.GetString(
            FeedRenderer.Render(format, Samples.Feed() with { SelfUrl = "https://hub.example/feeds/f" }, []));

        document.ShouldContain("https://hub.example/hub");
        document.ShouldContain("https://hub.example/feeds/f");
    }
}
