using System.Net;
using System.Text;

namespace ActivityHub.TestKit;

/// <summary>One callback URL on a <see cref="CallbackListener"/>: its scripted answers and the requests it has received.</summary>
/// <remarks>A new path confirms every verification and accepts every delivery with 204.</remarks>
public sealed class CallbackPath
{
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private readonly List<ReceivedRequest> _received = [];
    private readonly List<Waiter> _waiters = [];
    private readonly AnswerScript _deliveries = new(HttpStatusCode.NoContent);
    private readonly AnswerScript _verifications = new(CallbackReply.Echo);

    internal CallbackPath(string url) => Url = url;

    /// <summary>The absolute URL to subscribe.</summary>
    public string Url { get; }

    /// <summary>All requests received so far, in order of arrival.</summary>
    public IReadOnlyList<ReceivedRequest> Requests
    {
        get
        {
            lock (_gate)
            {
                return [.. _received];
            }
        }
    }

    /// <summary>The POSTs received so far, in order of arrival.</summary>
    public IReadOnlyList<ReceivedRequest> Deliveries => [.. Requests.Where(request => request.IsDelivery)];

    /// <summary>The verifications and denials received so far, in order of arrival.</summary>
    public IReadOnlyList<ReceivedRequest> Verifications => [.. Requests.Where(request => request.Method == "GET")];

    /// <summary>Answers deliveries from now on with the given replies in order; the last one repeats.</summary>
    public CallbackPath Answers(params CallbackReply[] answers)
    {
        _deliveries.Become(answers);
        return this;
    }

    /// <summary>Answers verifications from now on with the given replies in order; the last one repeats.</summary>
    public CallbackPath Verifies(params CallbackReply[] answers)
    {
        _verifications.Become(answers);
        return this;
    }

    /// <summary>Waits until the given number of deliveries has arrived and returns all deliveries so far.</summary>
    /// <exception cref="TimeoutException">
    /// Too few deliveries arrived within the timeout (10 s unless given); the message lists the requests that arrived.
    /// </exception>
    public async Task<IReadOnlyList<ReceivedRequest>> WaitForAsync(int deliveries, TimeSpan? timeout = null)
    {
        await WaitUntilAsync(all => all.Count(request => request.IsDelivery) >= deliveries, timeout, $"{deliveries} deliveries");
        return Deliveries;
    }

    /// <summary>Waits for the first request of any kind that matches.</summary>
    /// <exception cref="TimeoutException">
    /// No matching request arrived within the timeout (10 s unless given); the message lists the requests that arrived.
    /// </exception>
    public async Task<ReceivedRequest> WaitForAsync(Func<ReceivedRequest, bool> fits, TimeSpan? timeout = null)
    {
        await WaitUntilAsync(all => all.Any(fits), timeout, "a request that fits");
        return Requests.First(fits);
    }

    /// <summary>Waits until the given number of verifications or denials has arrived and returns the last of them.</summary>
    public async Task<ReceivedRequest> WaitForVerificationAsync(int count = 1, TimeSpan? timeout = null)
    {
        await WaitUntilAsync(all => all.Count(request => request.Method == "GET") >= count, timeout, $"{count} verifications");
        return Verifications[count - 1];
    }

    /// <summary>Waits until the condition holds for the list of all received requests.</summary>
    public Task WaitUntilAsync(Func<IReadOnlyList<ReceivedRequest>, bool> enough, TimeSpan? timeout = null) =>
        WaitUntilAsync(enough, timeout, "what the test asked for");

    internal CallbackReply Take(ReceivedRequest request)
    {
        if (request.Header("Link")?.Split(", <")
            .FirstOrDefault(link => link.Contains("rel=\"status\"", StringComparison.Ordinal)) is { } status)
        {
            LoggedSecrets.NoteKeyOf("status key", status.Split('>')[0]);
        }

        lock (_gate)
        {
            _received.Add(request);
            foreach (var waiter in _waiters)
            {
                waiter.Look(_received);
            }

            _waiters.RemoveAll(waiter => waiter.Answered.Task.IsCompleted);
        }

        return request.IsDelivery ? _deliveries.Next() : _verifications.Next();
    }

    private async Task WaitUntilAsync(Func<IReadOnlyList<ReceivedRequest>, bool> enough, TimeSpan? timeout, string what)
    {
        var waiter = new Waiter(enough);
        lock (_gate)
        {
            waiter.Look(_received);
            if (!waiter.Answered.Task.IsCompleted)
            {
                _waiters.Add(waiter);
            }
        }

        var deadline = timeout ?? DefaultTimeout;
        try
        {
            await waiter.Answered.Task.WaitAsync(deadline, TimeProvider.System, Xunit.TestContext.Current.CancellationToken);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"{Url} did not get {what} within {deadline.TotalSeconds:0.#} s. It got:{Describe()}");
        }
        finally
        {
            lock (_gate)
            {
                _waiters.Remove(waiter);
            }
        }
    }

    private string Describe()
    {
        var requests = Requests;
        if (requests.Count == 0)
        {
            return " nothing";
        }

        var text = new StringBuilder();
        foreach (var request in requests.TakeLast(20))
        {
            text.Append(
                $"\n  {request.At:HH:mm:ss.fff} {request.Method} {request.Path}, {request.Body.Length} bytes, "
                + $"{request.Header("Hub-Updates")}");
        }

        return text.ToString();
    }

    private sealed class Waiter(Func<IReadOnlyList<ReceivedRequest>, bool> enough)
    {
        public TaskCompletionSource Answered { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        // The test's condition runs on the listener's thread; its exception is passed to the test that waits.
        public void Look(IReadOnlyList<ReceivedRequest> received)
        {
            try
            {
                if (enough(received))
                {
                    Answered.TrySetResult();
                }
            }
            catch (Exception fault) when (fault is not OutOfMemoryException)
            {
                Answered.TrySetException(fault);
            }
        }
    }
}
