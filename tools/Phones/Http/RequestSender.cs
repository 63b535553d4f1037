namespace ActivityHub.Phones.Http;

/// <summary>Sends a request and retries it by the policy; each try uses a new request.</summary>
/// <param name="answered">Called with the duration of each answered try, for every status.</param>
internal sealed class RequestSender(HttpClient http, RetryPolicy policy, TimeProvider time, Action<TimeSpan>? answered = null)
{
    public async Task<Answer> SendAsync(Func<HttpRequestMessage> make, CancellationToken cancellationToken)
    {
        for (var tries = 1; ; tries++)
        {
            var (answer, retryAfter) = await TryAsync(make, tries, cancellationToken);
            if (!RetryPolicy.IsWorthAnotherTry(answer.Status) || tries >= policy.Tries)
            {
                return answer;
            }

            await Task.Delay(policy.PauseAfter(tries, retryAfter, Random.Shared.NextDouble()), time, cancellationToken);
        }
    }

    private async Task<(Answer Answer, TimeSpan? RetryAfter)> TryAsync(
        Func<HttpRequestMessage> make,
        int tries,
        CancellationToken cancellationToken
    )
    {
        var started = time.GetTimestamp();
        try
        {
            using var request = make();
            using var response = await http.SendAsync(request, cancellationToken);
            var body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
            answered?.Invoke(time.GetElapsedTime(started));
            return (new Answer(response.StatusCode, body, tries, null), RetryAfterOf(response));
        }
        catch (HttpRequestException failure)
        {
            return (new Answer(null, [], tries, failure.Message), null);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return (new Answer(null, [], tries, $"no answer within {http.Timeout.TotalSeconds:0} s"), null);
        }
    }

    private TimeSpan? RetryAfterOf(HttpResponseMessage response) =>
        response.Headers.RetryAfter switch
        {
            { Delta: { } delta } => delta,
            { Date: { } date } => date - time.GetUtcNow(),
            _ => null,
        };
}
