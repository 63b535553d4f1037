namespace ActivityHub.Ledger.Storage;

/// <summary>
/// Answers many callers with one query. While one query runs, the questions for the next one are collected, so each answer is read after
/// its question arrived.
/// </summary>
/// <param name="answer">Returns one answer for each question, in the same order.</param>
/// <param name="most">The maximum number of questions in one query.</param>
internal sealed class BatchLoader<TQuestion, TAnswer>(Func<IReadOnlyList<TQuestion>, Task<TAnswer[]>> answer, int most)
    where TQuestion : notnull
{
    private readonly Lock _lock = new();
    private Dictionary<TQuestion, TaskCompletionSource<TAnswer>> _gathering = [];
    private bool _running;

    public Task<TAnswer> AskAsync(TQuestion question, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled<TAnswer>(cancellationToken);
        }

        Task<TAnswer> task;
        var first = false;
        lock (_lock)
        {
            if (!_gathering.TryGetValue(question, out var source))
            {
                source = new TaskCompletionSource<TAnswer>(TaskCreationOptions.RunContinuationsAsynchronously);
                _gathering.Add(question, source);
            }

            task = source.Task;
            if (!_running)
            {
                _running = true;
                first = true;
            }
        }

        if (first)
        {
            // Runs on this thread up to the first wait: usually there is only one caller, which should not pay for a thread switch.
            _ = RunAsync();
        }

        return task.WaitAsync(cancellationToken);
    }

    private async Task RunAsync()
    {
        while (true)
        {
            Dictionary<TQuestion, TaskCompletionSource<TAnswer>> asked;
            lock (_lock)
            {
                if (_gathering.Count == 0)
                {
                    _running = false;
                    return;
                }

                (asked, _gathering) = (_gathering, []);
            }

            foreach (var part in asked.Chunk(most))
            {
                await AnswerAsync(part);
            }

            // SQLite answers synchronously. Without this, the thread of the first caller would serve all later callers.
            await Task.Yield();
        }
    }

    private async Task AnswerAsync(KeyValuePair<TQuestion, TaskCompletionSource<TAnswer>>[] asked)
    {
        try
        {
            var answers = await answer([.. asked.Select(pair => pair.Key)]);
            for (var i = 0; i < asked.Length; i++)
            {
                asked[i].Value.TrySetResult(answers[i]);
            }
        }
#pragma warning disable CA1031 // Each caller handles the exception; it must not end the loop that answers the callers.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            foreach (var (_, source) in asked)
            {
                source.TrySetException(exception);
                // Marks the exception as observed: a caller that was cancelled does not read it.
                _ = source.Task.Exception;
            }
        }
    }
}
