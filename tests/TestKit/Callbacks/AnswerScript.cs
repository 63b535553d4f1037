namespace ActivityHub.TestKit;

/// <summary>The answers to give, in order; the last one repeats.</summary>
internal sealed class AnswerScript(CallbackReply first)
{
    private readonly Lock _gate = new();
    private CallbackReply[] _answers = [first];
    private int _next;

    public void Become(IReadOnlyCollection<CallbackReply> script)
    {
        ArgumentOutOfRangeException.ThrowIfZero(script.Count);
        lock (_gate)
        {
            (_answers, _next) = ([.. script], 0);
        }
    }

    public CallbackReply Next()
    {
        lock (_gate)
        {
            return _answers[_next < _answers.Length - 1 ? _next++ : _next];
        }
    }
}
