using System.Net.Http.Headers;
using ActivityHub.TestKit;

namespace ActivityHub.Bench.Floods;

/// <summary>Live streams of one feed, all opened by one client, while the feed gets updates.</summary>
internal sealed class StreamFlood : Flood
{
    private const int Streams = 300;

    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(50);

    private string _hub = "";
    private string _key = "";
    private TestDevice? _phone;

    public override string Name => "streams";

    public override string Result => Counted();

    public override async Task PrepareAsync(string hub, TestOwner attacker, CancellationToken stop)
    {
        _hub = hub;
        _phone = await attacker.AddDeviceAsync();
        _key = (await attacker.GrantAsync(_phone.Feed)).Key!;
    }

    public override async Task RunAsync(CancellationToken over)
    {
        using var http = ClientFrom(From, _hub);
        await Task.WhenAll(
            Enumerable.Range(0, Streams).Select(_ => RepeatAsync(() => FollowAsync(http, over), over))
                .Append(RepeatAsync(() => PostAsync(over), over)));
    }

    private async Task FollowAsync(HttpClient http, CancellationToken over)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/feeds/{_phone!.Feed}/stream");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _key);
        using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, over);
        Count(answer);
        await answer.Content.CopyToAsync(Stream.Null, over);
        await Task.Delay(Pause, TimeProvider.System, over);
    }

    private async Task PostAsync(CancellationToken over)
    {
        await _phone!.PostAsync("""{"kind":"note","data":{"text":"flood"} }""");
        await Task.Delay(Pace, TimeProvider.System, over);
    }
}
