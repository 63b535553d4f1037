using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace ActivityHub.Bench.Load;

/// <summary>A phone of the load: its feed, its key, and the callbacks that are subscribed to it.</summary>
internal sealed class Phone(string feed, string key, int firstCallback, int callbacks)
{
    public const double Lat = -23.40123;
    public const double Lon = -50.30123;
    public const double Accuracy = 12;
    public const double Speed = 3.2;
    public const string Data = """{"activity":"walking","steps":4711,"battery":47}""";

    private static readonly string Update = string.Create(
        CultureInfo.InvariantCulture,
        $$"""{"kind":"geo","location":{"lat":{{Lat}},"lon":{{Lon}},"accuracy":{{Accuracy}},"speed":{{Speed}}},"data":{{Data}}}""");

    private readonly byte[] _single = Request(feed, key, Update);
    // A time in 2017: every round continues from there and stays in the past.
    private long _second = 1_500_000_000;
    private readonly Lazy<byte[]> _hundred = new(() => Request(feed, key, $"[{string.Join(',', Enumerable.Repeat(Update, 100))}]"));

    public int FirstCallback => firstCallback;

    public int EndCallback => firstCallback + callbacks;

    /// <summary>The newest known seq of its feed.</summary>
    public long Seq { get; private set; }

    /// <summary>Formats the phone as a line of the file from which the load reads its phones.</summary>
    public static string Write(string feed, string key, int firstCallback, int callbacks) =>
        string.Create(CultureInfo.InvariantCulture, $"{feed} {key} {firstCallback} {callbacks}");

    public static Phone Read(string line)
    {
        var words = line.Split(' ');
        return new Phone(
            words[0], words[1], int.Parse(words[2], CultureInfo.InvariantCulture), int.Parse(words[3], CultureInfo.InvariantCulture));
    }

    /// <summary>Posts one update, and returns its seq.</summary>
    public Task<long> PostAsync(RawConnection connection) => PostAsync(connection, _single);

    /// <summary>Posts one update with its own id, for which the hub must search.</summary>
    public Task<long> PostNamedAsync(RawConnection connection) => PostAsync(connection, Request(feed, key, Named()));

    /// <summary>Posts a hundred updates in one request.</summary>
    public Task<long> PostHundredAsync(RawConnection connection) => PostHundredAsync(connection, _hundred.Value);

    /// <summary>Posts a hundred updates in one request, each with its own id.</summary>
    public Task<long> PostNamedHundredAsync(RawConnection connection) =>
        PostHundredAsync(connection, Request(feed, key, $"[{string.Join(',', Enumerable.Range(0, 100).Select(_ => Named()))}]"));

    /// <summary>Posts a message to the ingest address in an app's format; each place is a second later than the previous one.</summary>
    public async Task PostAsAppAsync(RawConnection connection, string app, int each)
    {
        var first = Interlocked.Add(ref _second, each) - each;
        var body = app switch
        {
            "owntracks" => OwnTracks(first),
            "overland" => $"{{\"locations\":[{string.Join(',', Enumerable.Range(0, each).Select(i => Overland(first + i)))}]}}",
            _ => throw new InvalidOperationException($"Nobody here speaks as {app}."),
        };
        var request = Encoding.ASCII.GetBytes(
            $"POST /i/{key}/{app} HTTP/1.1\r\nHost: hub\r\nContent-Type: application/json\r\n"
                + string.Create(CultureInfo.InvariantCulture, $"Content-Length: {body.Length}\r\n\r\n{body}"));
        var status = await connection.AskAsync(request);
        if (status != 200)
        {
            throw new InvalidOperationException($"The hub answered {status} to {app}: {Encoding.UTF8.GetString(connection.Body)}");
        }
    }

    private static string OwnTracks(long second) => string.Create(
        CultureInfo.InvariantCulture,
        $$"""{"_type":"location","tid":"JJ","topic":"owntracks/jane/phone","tst":{{second}},"lat":{{Lat}},"lon":{{Lon}},"acc":{{Accuracy}},"vel":11,"batt":47,"bs":1,"t":"u"}""");

    private static string Overland(long second) => string.Create(
        CultureInfo.InvariantCulture,
        $$$"""{"type":"Feature","geometry":{"type":"Point","coordinates":[{{{Lon}}},{{{Lat}}}]},"properties":{"timestamp":"{{{DateTimeOffset.FromUnixTimeSeconds(second):yyyy-MM-dd'T'HH:mm:ss'Z'}}}","speed":{{{Speed}}},"horizontal_accuracy":{{{Accuracy}}},"motion":["walking"],"battery_level":0.47,"battery_state":"unplugged"}}""");

    private async Task<long> PostAsync(RawConnection connection, byte[] request)
    {
        var seq = Expect(await connection.AskAsync(request), 201, "{\"seq\":"u8, connection.Body);
        Seq = Math.Max(Seq, seq);
        return seq;
    }

    private async Task<long> PostHundredAsync(RawConnection connection, byte[] request)
    {
        var seq = Expect(await connection.AskAsync(request), 200, "\"lastSeq\":"u8, connection.Body);
        Seq = Math.Max(Seq, seq);
        return seq;
    }

    private static string Named() => $$"""{"id":"{{Guid.NewGuid():N}}",{{Update[1..]}}""";

    private static long Expect(int status, int expected, ReadOnlySpan<byte> name, ReadOnlySpan<byte> body)
    {
        var at = body.IndexOf(name);
        return status == expected && at >= 0 && Utf8Parser.TryParse(body[(at + name.Length)..], out long seq, out _)
            ? seq
            : throw new InvalidOperationException($"The hub answered {status} to a phone: {Encoding.UTF8.GetString(body)}");
    }

    private static byte[] Request(string feed, string key, string body) => Encoding.ASCII.GetBytes(
        $"POST /feeds/{feed}/updates HTTP/1.1\r\nHost: hub\r\nAuthorization: Bearer {key}\r\nContent-Type: application/json\r\n" +
        string.Create(CultureInfo.InvariantCulture, $"Content-Length: {body.Length}\r\n\r\n{body}"));
}
