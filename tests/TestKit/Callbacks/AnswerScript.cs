namespace ActivityHub.TestKit;

/// <summary>Answers in the order in which they are to be given; the last one repeats.</summary>
internal sealed class AnswerScript(CallbackAnswer first)
{
    private readonly Lock gate = new();
    private CallbackAnswer[] answers = [first];
    private int next;

    public void Become(IReadOnlyCollection<CallbackAnswer> script)
    {
        ArgumentOutOfRangeException.ThrowIfZero(script.Count);
        lock (gate)
            (answers, next) = ([.. script], 0);
    }

    public CallbackAnswer Next()
    {
        lock (gate)
            return answers[next < answers.Length - 1 ? next++ : next];
    }
}
