using System.Buffers;
using System.Net;
using System.Text;
using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Workers.Settings;
using Microsoft.Extensions.Options;

namespace ActivityHub.Workers.Outbound;

/// <summary>
/// Sends one request to a callback within its deadline, reads a bounded part of the answer, and gives what happened a name.
/// </summary>
internal sealed class CallbackClient(EgressClient egress, IOptions<DeliveryOptions> options)
{
    /// <summary>The header that names a delivery; a callback echoes it to confirm a webhook.</summary>
    public const string DeliveryHeader = "Hub-Delivery";

    private const int MaxBody = 1024;

    /// <summary>Sends the GET of a verification or a denial, and reads the body of any answer.</summary>
    /// <param name="url">Where to.</param>
    /// <param name="unverified">The callback, if it has never confirmed a request. Beyond the limit of calls the result is Throttled,
    /// without a status.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    public Task<CallbackResult> GetAsync(Uri url, UnverifiedCallback? unverified, CancellationToken cancellationToken)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, url);
        unverified?.Attach(request);
        return SendAsync(request, readsSuccess: true, cancellationToken);
    }

    /// <summary>Delivers; only a refusal's body is read (WebSub §7: the body of the answer is ignored).</summary>
    public Task<CallbackResult> PostAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        SendAsync(request, readsSuccess: false, cancellationToken);

    /// <summary>Delivers a test, of whose answer a header counts.</summary>
    public Task<CallbackResult> TestAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        SendAsync(request, readsSuccess: false, cancellationToken, isTest: true);

    private async Task<CallbackResult> SendAsync(
        HttpRequestMessage request, bool readsSuccess, CancellationToken cancellationToken, bool isTest = false)
    {
        var started = TimeProvider.System.GetTimestamp();
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(options.Value.Timeout);
        try
        {
            using (request)
            using (var answered = await egress.SendAsync(request, deadline.Token))
            {
                var response = answered.Response;
                var elapsed = TimeProvider.System.GetElapsedTime(started);
                if (response.IsSuccessStatusCode)
                {
                    // A confirmation that breaks off is no answer, so the verification is repeated; the answer to a delivery needs only its
                    // head.
                    var answer = Named(response, elapsed, readsSuccess ? await ReadAsync(response, deadline.Token) : null);
                    return isTest && response.Headers.NonValidated.TryGetValues(DeliveryHeader, out var delivery)
                        ? answer with { Delivery = delivery.FirstOrDefault() }
                        : answer;
                }

                return Named(response, elapsed, await TryReadAsync(response, deadline.Token));
            }
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            var (limit, what) = deadline.IsCancellationRequested || exception.InnerException is not TimeoutException
                ? (options.Value.Timeout, "answer")
                : (options.Value.ConnectTimeout, "connection");
            return NoAnswer(AttemptOutcome.TimedOut, started, $"No {what} within {limit.TotalSeconds:0.###} s.");
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            return ConnectionTrouble.Cause<ForbiddenConnectionException>(exception) is { } forbidden
                ? NoAnswer(AttemptOutcome.Forbidden, started, forbidden.Message)
                : ConnectionTrouble.Cause<UnverifiedCallbackThrottledException>(exception) is { } waits
                    ? NoAnswer(AttemptOutcome.Throttled, started, waits.Message) with { RetryAfter = waits.Wait }
                    : NoAnswer(AttemptOutcome.Unreachable, started, ConnectionTrouble.Words(exception));
        }
    }

    private static CallbackResult Named(HttpResponseMessage response, TimeSpan elapsed, string? body)
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
        var error = outcome == AttemptOutcome.Accepted
            ? null
            : status is >= 300 and < 400 ? $"It redirects ({status}); redirects are not followed." : $"It answered {status}.";
        return new CallbackResult(outcome, status, elapsed, outcome == AttemptOutcome.Throttled ? RetryAfter(response) : null, error, body);
    }

    // Against the clock of the callback, if it says what that is.
    private static TimeSpan? RetryAfter(HttpResponseMessage response) =>
        response.Headers.NonValidated.TryGetValues("Retry-After", out var values)
        ? RetryAfterHeader.Read(values.FirstOrDefault(), response.Headers.Date, TimeProvider.System.GetUtcNow())
        : null;

    // Its head came in time; a body that does not end, or breaks off, changes nothing about a refusal.
    private static async Task<string?> TryReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        try
        {
            return await ReadAsync(response, cancellationToken);
        }
        catch (Exception exception) when (exception is OperationCanceledException or HttpRequestException or IOException)
        {
            return null;
        }
    }

    // The first KiB, whatever length the callback declares or streams; the rest is not read.
    private static async Task<string?> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(MaxBody);
        try
        {
            await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
            var length = 0;
            while (length < MaxBody &&
                await stream.ReadAsync(buffer.AsMemory(length, MaxBody - length), cancellationToken) is > 0 and var read)
            {
                length += read;
            }

            // PostgreSQL's text holds no NUL.
            return length == 0
                ? null
                : Encoding.UTF8.GetString(buffer, 0, length).Replace('\0', '\uFFFD') is var text && text.Length > Attempt.MaxAnswerLength
                ? text[..Attempt.MaxAnswerLength]
                : text;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static CallbackResult NoAnswer(AttemptOutcome outcome, long started, string error) =>
        new(outcome, null, TimeProvider.System.GetElapsedTime(started), null, error, null);
}
