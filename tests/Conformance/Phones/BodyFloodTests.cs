using System.IO.Compression;
using System.Net;
using System.Text;
using ActivityHub.TestKit;
using Shouldly;
using Xunit;
using static ActivityHub.Conformance.Http;

namespace ActivityHub.Conformance.Phones;

/// <summary>A few kilobytes from one phone must not exhaust the hub's memory.</summary>
public sealed class BodyFloodTests
{
    private const int AtOnce = 12;
    private const long MostBytes = 200L * 1024 * 1024;

    [Fact]
    public async Task Twelve_bodies_that_unpack_to_eight_mebibytes_each_take_less_than_200_of_them_and_all_are_answered()
    {
        using var folder = new TempFolder();
        await using var hub = HubProcess.Of(
            "ActivityHub.Hub", new Dictionary<string, string> { ["Hub__DataDirectory"] = folder.Path, ["Roles"] = "hub,feeds" });
        await hub.StartAsync();
        var owner = await TestOwner.SignUpAsync(hub.BaseUrl);
        var phone = await owner.AddDeviceAsync();
        var other = await owner.AddDeviceAsync();
        using var http = new HttpClient(new SocketsHttpHandler()) { BaseAddress = new Uri(hub.BaseUrl) };
        (await SendAsync(http, phone, Bomb("{}"))).ShouldBe(HttpStatusCode.RequestEntityTooLarge);
        var before = hub.Usage.Resident;

        foreach (var item in new[] { "{}", "{\"lat\":1,\"lon\":2}" })
        {
            var bomb = Bomb(item);
            bomb.Length.ShouldBeLessThan(64 * 1024);
            var flood = Enumerable.Range(0, AtOnce).Select(_ => SendAsync(http, phone, bomb)).ToList();
            (await other.PostAsync("""{"kind":"x"}""")).Seq.ShouldNotBeNull();
            (await Task.WhenAll(flood)).ShouldAllBe(
                status => status == HttpStatusCode.RequestEntityTooLarge || status == HttpStatusCode.ServiceUnavailable);
        }

        // As many updates as allowed, and valid: too small to count as a large body, but a hundred times as large in memory.
        var most = Packed(
            $"[{string.Join(',', Enumerable.Range(0, 10_000).Select(n => $"{{\"lat\":1,\"lon\":2,\"at\":{1_790_000_000 + n}}}"))}]");
        (await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(_ => SendAsync(http, phone, most))))
            .ShouldAllBe(status => status == HttpStatusCode.OK || status == HttpStatusCode.ServiceUnavailable);

        (hub.Usage.Peak ?? hub.Usage.Resident).ShouldBeLessThan(before + MostBytes);
    }

    private static byte[] Bomb(string item) => Packed($"[{string.Join(',', Enumerable.Repeat(item, 8_388_000 / (item.Length + 1)))}]");

    private static byte[] Packed(string text)
    {
        using var packed = new MemoryStream();
        using (var packing = new GZipStream(packed, CompressionLevel.SmallestSize))
        {
            packing.Write(Encoding.UTF8.GetBytes(text));
        }

        return packed.ToArray();
    }

    private static async Task<HttpStatusCode> SendAsync(HttpClient http, TestDevice phone, byte[] body)
    {
        using var content = new ByteArrayContent(body);
        content.Headers.ContentEncoding.Add("gzip");
        content.Headers.ContentType = new("application/json");
        using var answer = await http.PostAsync(phone.IngestUrl, content, Cancel);
        return answer.StatusCode;
    }
}
