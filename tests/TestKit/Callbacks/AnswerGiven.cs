namespace ActivityHub.TestKit;

/// <summary>How a request to a callback host ended.</summary>
/// <param name="Status">The status of the complete answer; null if the callback gave no proper answer.</param>
/// <param name="HungUp">Whether the sender had already hung up, so it may not have received the answer.</param>
/// <param name="At">The time of the answer, by the real clock.</param>
public sealed record AnswerGiven(int? Status, bool HungUp, DateTimeOffset At)
{
    /// <summary>Whether the sender must treat the request as accepted, if it received the answer.</summary>
    public bool IsSuccess => Status is >= 200 and < 300;
}
