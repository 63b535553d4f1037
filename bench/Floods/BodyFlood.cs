using System.IO.Compression;
using System.Text;
using ActivityHub.TestKit;

namespace ActivityHub.Bench.Floods;

/// <summary>Small bodies that are expensive to read: twelve at once, every second.</summary>
internal sealed class BodyFlood : Flood
{
    private const int AtOnce = 12;

    private readonly byte[] _body = Packed($"[{string.Join(',', Enumerable.Repeat("{}", 2_790_000))}]");
    private string _hub = "";
    private string _address = "";

    public override string Name => "bodies";

    public override string Result => Counted();

    public override async Task PrepareAsync(string hub, TestOwner attacker, CancellationToken stop) =>
        (_hub, _address) = (hub, (await attacker.AddDeviceAsync()).IngestUrl!);

    public override async Task RunAsync(CancellationToken over)
    {
        using var http = ClientFrom(From, _hub);
        await RepeatAsync(
            async () =>
            {
                await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(_ => SendAsync(http, over)));
                await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, over);
            },
            over);
    }

    private async Task SendAsync(HttpClient http, CancellationToken over)
    {
        using var content = new ByteArrayContent(_body);
        content.Headers.ContentEncoding.Add("gzip");
        content.Headers.ContentType = new("application/json");
        using var answer = await http.PostAsync(new Uri(_address), content, over);
        Count(answer);
    }

    private static byte[] Packed(string text)
    {
        using var packed = new MemoryStream();
        using (var packing = new GZipStream(packed, CompressionLevel.SmallestSize))
        {
            packing.Write(Encoding.UTF8.GetBytes(text));
        }

        return packed.ToArray();
    }
}
