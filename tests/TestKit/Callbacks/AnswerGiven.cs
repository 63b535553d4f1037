namespace ActivityHub.TestKit;

/// <summary>How a request to a callback host ended.</summary>
/// <param name="Status">What was answered in full; null where the callback gave no proper answer.</param>
/// <param name="HungUp">Whether the sender had hung up by then, and so perhaps did not hear it.</param>
/// <param name="At">By the real clock.</param>
public sealed record AnswerGiven(int? Status, bool HungUp, DateTimeOffset At)
{
    /// <summary>Whether the sender is to take what it sent for accepted, if it has heard the answer.</summary>
    public bool IsSuccess => Status is >= 200 and < 300;
}
