using System.IO.Compression;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using ActivityHub.TestKit;
using ActivityHub.Workers.Outbound;
using Shouldly;
using Xunit;

namespace ActivityHub.Workers.Tests.Outbound;

// "Bounded everything: … responses read (64 KiB), time." Every answer of a callback has a named result within the deadline; only a status
// and 1 KiB of it are stored, and its connection is not used again.
public sealed class HostileAnswerTests
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 10737418240\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7fffffff\r\n")]
    public async Task An_answer_that_does_not_end_is_no_hindrance_to_a_delivery(string head)
    {
        await using var callback = Endless(head);
        using var door = Loopback();

        var (answer, _) = await PostAsync(door, callback);

        (answer.Outcome, answer.Status, answer.Body).ShouldBe((AttemptOutcome.Accepted, (short)200, null));
        await ShouldBeHungUpOnAsync(door, callback);
    }

    [Theory]
    [InlineData("HTTP/1.1 500 No\r\n\r\n")]
    [InlineData("HTTP/1.1 500 No\r\nContent-Length: 10737418240\r\n\r\n")]
    [InlineData("HTTP/1.1 500 No\r\nTransfer-Encoding: chunked\r\n\r\n7fffffff\r\n")]
    public async Task Of_a_refusal_that_does_not_end_the_first_KiB_is_kept(string head)
    {
        await using var callback = Endless(head);
        using var door = Loopback();

        var (answer, _) = await PostAsync(door, callback);

        (answer.Outcome, answer.Status).ShouldBe((AttemptOutcome.Refused, (short)500));
        answer.Body.ShouldBe(new string('x', 1024));
        await ShouldBeHungUpOnAsync(door, callback);
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nX: ", "Its answer's headers are too large.")]
    [InlineData("HTTP/1.1 200 OK\r\nX: y\r\n", "Its answer's headers are too large.")]
    [InlineData("HTTP/1.1 200 ", "Its answer's headers are too large.")]
    public async Task Headers_that_do_not_end_are_cut_off(string start, string error)
    {
        var more = start.EndsWith('\n') ? "X: y\r\n" : "xxxxxxxxxxxxxxxx";
        await using var callback = RawCallback.Start(async (stream, token) =>
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes(start), token);
            await RawCallback.RepeatAsync(stream, Encoding.ASCII.GetBytes(more), TimeSpan.Zero, token);
        });
        using var door = Loopback();

        var (answer, took) = await PostAsync(door, callback);

        (answer.Outcome, answer.Error).ShouldBe((AttemptOutcome.Unreachable, error));
        took.ShouldBeLessThan(Timeout);
        await ShouldBeHungUpOnAsync(door, callback);
    }

    // A byte from time to time keeps a connection alive without end; the deadline covers the whole answer.
    [Theory]
    [InlineData("")]
    [InlineData("HTTP/1.1 200 OK\r\nX-Slow: ")]
    public async Task Slow_headers_end_at_the_deadline(string start)
    {
        await using var callback = RawCallback.Start(async (stream, token) =>
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes(start), token);
            await RawCallback.RepeatAsync(stream, "H"u8.ToArray(), TimeSpan.FromMilliseconds(100), token);
        });
        using var door = Loopback();

        var (answer, took) = await PostAsync(door, callback);

        (answer.Outcome, answer.Error).ShouldBe((AttemptOutcome.TimedOut, "No answer within 2 s."));
        took.ShouldBeGreaterThan(Timeout - TimeSpan.FromMilliseconds(100));
        await ShouldBeHungUpOnAsync(door, callback);
    }

    [Theory]
    [InlineData("HTTP/1.1 100 Continue\r\n\r\n")]
    [InlineData("HTTP/1.1 103 Early Hints\r\nLink: </x>; rel=preload\r\n\r\n")]
    public async Task A_flood_of_answers_before_the_answer_counts_as_headers(string hint)
    {
        var flood = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(hint, 100)));
        await using var callback = RawCallback.Start((stream, token) => RawCallback.RepeatAsync(stream, flood, TimeSpan.Zero, token));
        using var door = Loopback();

        var (answer, _) = await PostAsync(door, callback);

        (answer.Outcome, answer.Error).ShouldBe((AttemptOutcome.Unreachable, "Its answer's headers are too large."));
        await ShouldBeHungUpOnAsync(door, callback);
    }

    // The hub requests no compression and decompresses nothing, so a zip bomb is only as large as its bytes.
    [Fact]
    public async Task A_body_that_is_packed_stays_packed()
    {
        using var packed = new MemoryStream();
        await using (var gzip = new GZipStream(packed, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            await gzip.WriteAsync(new byte[8 * 1024 * 1024], Cancel);
        }

        var head = Encoding.ASCII.GetBytes($"HTTP/1.1 500 No\r\nContent-Encoding: gzip\r\nContent-Length: {packed.Length}\r\n\r\n");
        await using var callback = RawCallback.Start(async (stream, token) =>
        {
            await stream.WriteAsync(head, token);
            await stream.WriteAsync(packed.ToArray(), token);
        });
        using var door = Loopback();

        var (answer, _) = await PostAsync(door, callback);

        answer.Status.ShouldBe((short)500);
        answer.Body!.Length.ShouldBeInRange(1, 1024);
        answer.Body[0].ShouldBe('\u001f');
        callback.Head.ShouldNotContain("Accept-Encoding", Case.Insensitive);
    }

    [Theory]
    [InlineData("SSH-2.0-OpenSSH_9.9\r\n", "It did not answer in HTTP.")]
    [InlineData("HTTP/1.1 abc\r\n\r\n", "It did not answer in HTTP.")]
    [InlineData("HTTP/9.1 200 OK\r\n\r\n", "It did not answer in HTTP.")]
    [InlineData("HTTP/1.1 200 OK\r\nno colon\r\n\r\n", "It did not answer in HTTP.")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Le", "It closed the connection without an answer.")]
    [InlineData("", "It closed the connection without an answer.")]
    public async Task What_is_no_answer_is_named(string text, string error)
    {
        await using var callback = RawCallback.Start(async (stream, token) =>
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes(text), token);
            await stream.DisposeAsync();
        });
        using var door = Loopback();

        var (answer, _) = await PostAsync(door, callback);

        (answer.Outcome, answer.Status, answer.Error).ShouldBe((AttemptOutcome.Unreachable, null, error));
        await ShouldBeHungUpOnAsync(door, callback);
    }

    [Fact]
    public async Task An_answer_that_changes_the_protocol_is_a_refusal()
    {
        await using var callback = RawCallback.Answering(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n");
        using var door = Loopback();

        var (answer, _) = await PostAsync(door, callback);

        (answer.Outcome, answer.Status).ShouldBe((AttemptOutcome.Refused, (short)101));
        await ShouldBeHungUpOnAsync(door, callback);
    }

    [Fact]
    public async Task A_reset_instead_of_an_answer_is_named()
    {
        await using var callback = Resetting("");
        using var door = Loopback();

        var (answer, _) = await PostAsync(door, callback);

        (answer.Outcome, answer.Error).ShouldBe((AttemptOutcome.Unreachable, "It broke the connection off."));
    }

    [Theory]
    [InlineData("HTTP/1.1 500 No\r\nContent-Length: 5\r\n\r\nabc")]
    [InlineData("HTTP/1.1 500 No\r\nTransfer-Encoding: chunked\r\n\r\nno chunk\r\n")]
    public async Task A_refusal_whose_body_breaks_off_is_still_that_refusal(string text)
    {
        await using var callback = Resetting(text);
        using var door = Loopback();

        var (answer, _) = await PostAsync(door, callback);

        (answer.Outcome, answer.Status).ShouldBe((AttemptOutcome.Refused, (short)500));
        await ShouldBeHungUpOnAsync(door, callback);
    }

    // An incomplete challenge is neither an echo nor a refusal: the hub repeats the verification.
    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 48\r\n\r\nabc")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nno chunk\r\n")]
    public async Task A_confirmation_that_breaks_off_is_no_answer(string text)
    {
        await using var callback = Resetting(text);
        using var door = Loopback();

        var answer = await door.Client.GetAsync(callback.Url, null, Cancel);

        (answer.Outcome, answer.Status).ShouldBe((AttemptOutcome.Unreachable, null));
    }

    [Fact]
    public async Task A_confirmation_that_stops_in_the_middle_is_late()
    {
        await using var callback = RawCallback.Answering("HTTP/1.1 200 OK\r\nContent-Length: 48\r\n\r\nabc");
        using var door = Loopback();

        var answer = await door.Client.GetAsync(callback.Url, null, Cancel);

        (answer.Outcome, answer.Status).ShouldBe((AttemptOutcome.TimedOut, null));
    }

    // The opposite case: a well-behaved callback keeps its connection, even if its body is not used.
    [Theory]
    [InlineData("HTTP/1.1 204 No Content\r\n\r\n", 0)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n", 60_000)]
    [InlineData("HTTP/1.1 500 No\r\nContent-Length: 60000\r\n\r\n", 60_000)]
    public async Task A_callback_that_behaves_keeps_its_connection(string head, int body)
    {
        await using var callback = RawCallback.Answering(head + new string('x', body));
        using var door = Loopback();

        // The rest of an answer is read in the background; a request before that opens another connection.
        await Eventually.ShouldAsync(async () =>
        {
            var before = callback.Connections;
            await PostAsync(door, callback);
            return callback.Connections == before && before > 0;
        });
    }

    private static EgressClients Loopback() => new(["127.0.0.0/8"], timeout: Timeout);

    private static RawCallback Endless(string head) => RawCallback.Start(async (stream, token) =>
    {
        await stream.WriteAsync(Encoding.ASCII.GetBytes(head), token);
        await RawCallback.RepeatAsync(stream, Encoding.ASCII.GetBytes(new string('x', 4096)), TimeSpan.Zero, token);
    });

    private static RawCallback Resetting(string text) => RawCallback.Start(async (stream, token) =>
    {
        await stream.WriteAsync(Encoding.ASCII.GetBytes(text), token);
        var socket = ((NetworkStream)stream).Socket;
        socket.LingerState = new LingerOption(true, 0);
        socket.Dispose();
    });

    private static async Task<(Workers.Outbound.CallbackResult Answer, TimeSpan Took)> PostAsync(EgressClients door, RawCallback callback)
    {
        var started = TimeProvider.System.GetTimestamp();
        var request = new HttpRequestMessage(HttpMethod.Post, callback.Url) { Content = new ByteArrayContent([]) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/atom+xml");
        var answer = await door.Client.PostAsync(request, Cancel);
        return (answer, TimeProvider.System.GetElapsedTime(started));
    }

    private static async Task ShouldBeHungUpOnAsync(EgressClients door, RawCallback callback)
    {
        await Eventually.ShouldAsync(() => Task.FromResult(callback.Ended == 1));
        await PostAsync(door, callback);
        callback.Connections.ShouldBe(2);
    }
}
