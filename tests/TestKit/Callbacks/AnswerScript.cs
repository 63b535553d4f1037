namespace ActivityHub.TestKit;

/// <summary>Answers in the order in which they are to be given; the last one repeats.</summary>
internal sealed class AnswerScript(CallbackReply first)
{
    private readonly Lock gate = new();
    private CallbackReply[] answers = [first];
    private int next;

    public void Become(IReadOnlyCollection<CallbackReply> script)
    {
        ArgumentOutOfRangeException.ThrowIfZero(script.Count);
        lock (gate)
            (answers, next) = ([.. script], 0);
    }

    public CallbackReply Next()
    {
        lock (gate)
            return answers[next < answers.Length - 1 ? next++ : next];
    }
}
