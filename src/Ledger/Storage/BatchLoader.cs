namespace ActivityHub.Ledger.Storage;

/// <summary>
/// Answers many callers with one query: while one runs, the questions of the next gather. Each answer was read after its question was asked.
/// </summary>
/// <param name="answer">One answer a question, in order.</param>
/// <param name="most">How many questions one query takes.</param>
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
            // On this thread up to the first wait: the usual case is one caller, who should not pay for a hop.
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

            // SQLite answers without ever waiting: the first caller must not be kept to serve those who came after.
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
#pragma warning disable CA1031 // Whatever went wrong is each caller's to handle; it must not end the loop that answers them.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            foreach (var (_, source) in asked)
            {
                source.TrySetException(exception);
                // A caller who gave up meanwhile does not look at it.
                _ = source.Task.Exception;
            }
        }
    }
}
