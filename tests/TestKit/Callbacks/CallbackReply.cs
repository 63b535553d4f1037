using System.Globalization;
using System.IO.Pipelines;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace ActivityHub.TestKit;

/// <summary>One reaction of a callback host to a request: a status, or one of the ways in which real hosts misbehave.</summary>
/// <remarks>A reply without an end stops when the client hangs up or the listener is disposed.</remarks>
public sealed class CallbackReply
{
    private static readonly byte[] Filler = Encoding.ASCII.GetBytes(new string('x', 16 * 1024));

    private readonly Func<HttpContext, CancellationToken, Task> _give;

    private CallbackReply(Func<HttpContext, CancellationToken, Task> give) => this._give = give;

    /// <summary>
    /// Confirms a verification of intent: 200 with <c>hub.challenge</c> (WebSub §5.3). Without a challenge, 200 and no body.
    /// </summary>
    public static CallbackReply Echo { get; } = new((context, token) =>
        context.Response.WriteAsync(context.Request.Query["hub.challenge"].ToString(), token));

    /// <summary>Answers a verification with 200 and a body that is not the challenge, so it confirms nothing.</summary>
    public static CallbackReply WrongChallenge { get; } = new((context, token) => context.Response.WriteAsync("not the challenge", token));

    /// <summary>Never answers.</summary>
    public static CallbackReply Hang { get; } = new((_, token) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token));

    /// <summary>Closes the connection with a reset, before any answer.</summary>
    public static CallbackReply Reset { get; } = new((context, _) => throw HangUp(context));

    /// <summary>Answers 200 and then sends an endless body.</summary>
    public static CallbackReply EndlessBody { get; } = new(async (context, token) =>
    {
        while (true)
        {
            await context.Response.Body.WriteAsync(Filler, token);
        }
    });

    /// <summary>Chooses the reply by the request.</summary>
    public static CallbackReply By(Func<ReceivedRequest, CallbackReply> choose) =>
        new((context, token) => choose(context.Features.Get<ReceivedRequest>()!).GiveAsync(context, token));

    /// <summary>Answers with a status only.</summary>
    public static implicit operator CallbackReply(HttpStatusCode status) => Status(status);

    /// <summary>Answers with a status, headers and no body.</summary>
    public static CallbackReply Status(HttpStatusCode status, params (string Name, string Value)[] headers) => new((context, _) =>
    {
        context.Response.StatusCode = (int)status;
        foreach (var (name, value) in headers)
        {
            context.Response.Headers[name] = value;
        }

        return Task.CompletedTask;
    });

    /// <summary>Answers with a status and a text.</summary>
    public static CallbackReply Text(HttpStatusCode status, string text) => new((context, token) =>
    {
        context.Response.StatusCode = (int)status;
        return context.Response.WriteAsync(text, token);
    });

    /// <summary>Answers with a status (429 or 503) and <c>Retry-After</c> in whole seconds.</summary>
    public static CallbackReply RetryAfter(HttpStatusCode status, TimeSpan wait) =>
        Status(status, ("Retry-After", ((long)wait.TotalSeconds).ToString(CultureInfo.InvariantCulture)));

    /// <summary>Redirects the client, with 302 unless another status is given.</summary>
    public static CallbackReply Redirect(string location, HttpStatusCode status = HttpStatusCode.Found) =>
        Status(status, ("Location", location));

    /// <summary>Holds the request until <paramref name="released"/> completes, then gives the other reply (204 unless given).</summary>
    public static CallbackReply HangUntil(Task released, CallbackReply? then = null) => new(async (context, token) =>
    {
        await released.WaitAsync(token);
        await (then ?? HttpStatusCode.NoContent).GiveAsync(context, token);
    });

    /// <summary>Answers after a delay by the real clock: a slow host, not a broken one.</summary>
    public static CallbackReply After(TimeSpan delay, CallbackReply? then = null) => new(async (context, token) =>
    {
        await Task.Delay(delay, TimeProvider.System, token);
        await (then ?? HttpStatusCode.NoContent).GiveAsync(context, token);
    });

    /// <summary>
    /// Sends a status line and then one more header line at each interval, without end. The client sees progress but never a complete
    /// answer.
    /// </summary>
    public static CallbackReply SlowHeaders(TimeSpan between) => new(async (context, token) =>
    {
        // Kestrel sends all headers at once. This reply writes to the transport directly and leaves the connection unusable.
        var wire = context.Features.GetRequiredFeature<IConnectionTransportFeature>().Transport.Output;
        try
        {
            await SendAsync(wire, "HTTP/1.1 200 OK\r\n", token);
            for (var line = 0; ; line++)
            {
                await Task.Delay(between, TimeProvider.System, token);
                await SendAsync(wire, string.Create(CultureInfo.InvariantCulture, $"X-Drip-{line}: y\r\n"), token);
            }
        }
        finally
        {
            context.Abort();
        }
    });

    /// <summary>Answers with bytes that are not HTTP, and closes the connection.</summary>
    public static CallbackReply Garbage { get; } = new(async (context, token) =>
    {
        var wire = context.Features.GetRequiredFeature<IConnectionTransportFeature>().Transport.Output;
        await SendAsync(wire, "\u0001\u0002 no HTTP at all \r\n\r\n", token);
        throw HangUp(context);
    });

    /// <summary>Answers 503 and directly after it 200, as if to the next request on this connection.</summary>
    public static CallbackReply AnswersTwice { get; } = new(async (context, token) =>
    {
        var wire = context.Features.GetRequiredFeature<IConnectionTransportFeature>().Transport.Output;
        await SendAsync(
            wire, "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", token);
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
    });

    /// <summary>Announces a body of the given size, sends the first 16 KiB and then nothing more.</summary>
    public static CallbackReply Claiming(long bytes) => new(async (context, token) =>
    {
        context.Response.ContentLength = bytes;
        await context.Response.Body.WriteAsync(Filler, token);
        await context.Response.Body.FlushAsync(token);
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
    });

    // Aborting discards anything already written to the response.
    private static OperationCanceledException HangUp(HttpContext context)
    {
        context.Abort();
        return new OperationCanceledException("The callback hung up.");
    }

    internal Task GiveAsync(HttpContext context, CancellationToken cancellationToken) => _give(context, cancellationToken);

    private static async Task SendAsync(PipeWriter wire, string text, CancellationToken cancellationToken)
    {
        var written = await wire.WriteAsync(Encoding.ASCII.GetBytes(text), cancellationToken);
        if (written.IsCompleted)
        {
            throw new OperationCanceledException("The client hung up.");
        }
    }
}
