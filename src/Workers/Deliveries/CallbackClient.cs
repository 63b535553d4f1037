using System.Buffers;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Workers.Outbound;
using Microsoft.Extensions.Options;

namespace ActivityHub.Workers.Deliveries;

/// <summary>Sends one request to a callback within its deadline, reads a bounded part of the answer, and gives what happened a name.</summary>
internal sealed class CallbackClient(GuardedDoor door, IOptions<DeliveryOptions> options)
{
    private const int MaxBody = 1024;

    /// <summary>Asks or tells by GET (verification, denial); the body of any answer is read.</summary>
    public Task<CallbackAnswer> GetAsync(Uri url, CancellationToken cancellationToken) =>
        SendAsync(new HttpRequestMessage(HttpMethod.Get, url), readsSuccess: true, cancellationToken);

    /// <summary>Delivers; only a refusal's body is read (WebSub §7: the body of the answer is ignored).</summary>
    public Task<CallbackAnswer> PostAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        SendAsync(request, readsSuccess: false, cancellationToken);

    private async Task<CallbackAnswer> SendAsync(HttpRequestMessage request, bool readsSuccess, CancellationToken cancellationToken)
    {
        // Whatever is current would be told to the callback as traceparent. How this hub is traced is not for strangers to know.
        Activity.Current = null;
        var started = TimeProvider.System.GetTimestamp();
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(options.Value.Timeout);
        try
        {
            using (request)
            using (var response = await door.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, deadline.Token))
            {
                var elapsed = TimeProvider.System.GetElapsedTime(started);
                var body = !response.IsSuccessStatusCode || readsSuccess ? await ReadAsync(response, deadline.Token) : null;
                return Named(response, elapsed, body);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return NoAnswer(AttemptOutcome.TimedOut, started, $"No answer within {options.Value.Timeout.TotalSeconds:0.#} s.");
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or SocketException || GuardedDoor.Refused(exception))
        {
            return GuardedDoor.Refused(exception)
                ? NoAnswer(AttemptOutcome.Forbidden, started, "The address is private or special, and this hub does not send there.")
                : NoAnswer(AttemptOutcome.Unreachable, started, Words(exception));
        }
    }

    private static CallbackAnswer Named(HttpResponseMessage response, TimeSpan elapsed, string? body)
    {
        var status = (short)response.StatusCode;
        var outcome = response.StatusCode switch
        {
            _ when response.IsSuccessStatusCode => AttemptOutcome.Accepted,
            HttpStatusCode.Gone => AttemptOutcome.Gone,
            HttpStatusCode.RequestEntityTooLarge => AttemptOutcome.TooLarge,
            HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable => AttemptOutcome.Throttled,
            _ => AttemptOutcome.Refused,
        };
        var error = outcome == AttemptOutcome.Accepted ? null : status is >= 300 and < 400 ? $"It redirects ({status}); redirects are not followed." : $"It answered {status}.";
        return new CallbackAnswer(outcome, status, elapsed, outcome == AttemptOutcome.Throttled ? RetryAfter(response) : null, error, body);
    }

    private static TimeSpan? RetryAfter(HttpResponseMessage response) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        // Against the clock of whoever answered, if it says what it is.
        { Date: { } date } when response.Headers.Date is { } now => date - now,
        { Date: { } date } => date - TimeProvider.System.GetUtcNow(),
        _ => null,
    };

    // The first KiB, whatever the callback claims or streams; the rest is not read.
    private static async Task<string?> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(MaxBody);
        try
        {
            await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
            var length = 0;
            while (length < MaxBody && await stream.ReadAsync(buffer.AsMemory(length, MaxBody - length), cancellationToken) is > 0 and var read)
            {
                length += read;
            }

            // PostgreSQL's text holds no NUL.
            return length == 0 ? null : Encoding.UTF8.GetString(buffer, 0, length).Replace('\0', '\uFFFD') is var text && text.Length > Attempt.MaxAnswerLength
                ? text[..Attempt.MaxAnswerLength]
                : text;
        }
        catch (OperationCanceledException)
        {
            // Its head came in time; a body that does not end changes nothing about its status.
            return null;
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            return null;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    // The exception's own message may name the URL with its query: say only what kind of failure it was.
    private static string Words(Exception exception) => exception switch
    {
        // The guard makes connections itself, and what goes wrong there arrives as it is.
        SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain } => "Its name could not be resolved.",
        SocketException => "No connection could be made.",
        HttpRequestException { HttpRequestError: var error } => error switch
        {
            HttpRequestError.NameResolutionError => "Its name could not be resolved.",
            HttpRequestError.ConnectionError => "No connection could be made.",
            HttpRequestError.SecureConnectionError => "No secure connection could be made (TLS or certificate).",
            HttpRequestError.ResponseEnded => "It closed the connection without an answer.",
            HttpRequestError.ConfigurationLimitExceeded => "Its answer's headers are too large.",
            HttpRequestError.InvalidResponse => "It did not answer in HTTP.",
            _ => "The connection failed.",
        },
        _ => "The connection failed.",
    };

    private static CallbackAnswer NoAnswer(AttemptOutcome outcome, long started, string error) =>
        new(outcome, null, TimeProvider.System.GetElapsedTime(started), null, error, null);
}
