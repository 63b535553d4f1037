namespace ActivityHub.Ledger.Updates;

/// <summary>
/// Looks up feeds' rows for many callers at a time: while one query runs, the next gathers. Each answer was read after its
/// question was asked, so that it may be trusted for access.
/// </summary>
public sealed class FeedRows(IFeedLog log)
{
    private readonly Lock _lock = new();
    private Dictionary<long, TaskCompletionSource<FeedRow?>> _gathering = [];
    private bool _running;

    public Task<FeedRow?> FindAsync(long feedId, CancellationToken cancellationToken)
    {
        Task<FeedRow?> answer;
        lock (_lock)
        {
            if (!_gathering.TryGetValue(feedId, out var source))
            {
                source = new TaskCompletionSource<FeedRow?>(TaskCreationOptions.RunContinuationsAsynchronously);
                _gathering.Add(feedId, source);
            }

            answer = source.Task;
            if (_running)
            {
                return answer.WaitAsync(cancellationToken);
            }

            _running = true;
        }

        _ = Task.Run(RunAsync, CancellationToken.None);
        return answer.WaitAsync(cancellationToken);
    }

    private async Task RunAsync()
    {
        while (true)
        {
            Dictionary<long, TaskCompletionSource<FeedRow?>> asked;
            lock (_lock)
            {
                if (_gathering.Count == 0)
                {
                    _running = false;
                    return;
                }

                (asked, _gathering) = (_gathering, []);
            }

            await AnswerAsync(asked);
        }
    }

    private async Task AnswerAsync(Dictionary<long, TaskCompletionSource<FeedRow?>> asked)
    {
        try
        {
            foreach (var row in await log.FindFeedsAsync(asked.Keys, CancellationToken.None))
            {
                asked[row.Id].TrySetResult(row);
            }

            foreach (var source in asked.Values)
            {
                source.TrySetResult(null);
            }
        }
#pragma warning disable CA1031 // Whatever went wrong is each caller's to handle; it must not end the loop that answers them.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            foreach (var source in asked.Values)
            {
                source.TrySetException(exception);
            }
        }
    }
}
