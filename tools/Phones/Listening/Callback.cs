using System.Security.Cryptography;

namespace ActivityHub.Phones.Listening;

/// <summary>
/// One callback: the address of one subscription. It confirms only the request that it expects at the moment, and passes on each delivery
/// with a verdict on its signature.
/// </summary>
internal sealed class Callback(Uri listener, string topic, string? secret, Action<Delivery> deliver)
{
    private readonly TaskCompletionSource<string?> _answered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _leaving;

    /// <summary>The path cannot be guessed: any sender that knows it could post to it (WebSub §8.2).</summary>
    public string Path { get; } = "/callbacks/" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(20));

    public Uri Url => new(listener, Path);

    public string Topic => topic;

    public string? Secret => secret;

    /// <summary>Completes with null once the hub has verified the subscription, or with the reason if the hub denied it.</summary>
    public Task<string?> Answered => _answered.Task;

    /// <summary>Completes once the hub has verified the unsubscription.</summary>
    public Task Ended => _ended.Task;

    /// <summary>The lease that the hub granted; 0 before.</summary>
    public long LeaseSeconds { get; private set; }

    /// <summary>The reason why the hub ended or denied the subscription; null if it did not.</summary>
    public string? DeniedReason { get; private set; }

    /// <summary>Confirms an unsubscription from now on, and no subscription any more.</summary>
    public void Leave() => _leaving = true;

    /// <returns>The challenge to echo, or null for 404: this client did not request it (WebSub §5.3.1).</returns>
    public string? Confirm(string? mode, string? forTopic, string? challenge, string? lease)
    {
        if (forTopic != topic || string.IsNullOrEmpty(challenge) || mode != (_leaving ? "unsubscribe" : "subscribe"))
        {
            return null;
        }

        if (_leaving)
        {
            _ended.TrySetResult();
            return challenge;
        }

        LeaseSeconds = long.TryParse(lease, out var seconds) ? seconds : 0;
        _answered.TrySetResult(null);
        return challenge;
    }

    /// <returns>False if the topic was never requested.</returns>
    public bool Deny(string? forTopic, string? reason)
    {
        if (forTopic != topic)
        {
            return false;
        }

        DeniedReason = string.IsNullOrWhiteSpace(reason) ? "no reason given" : reason;
        _answered.TrySetResult(DeniedReason);
        return true;
    }

    public void Deliver(Delivery delivery) => deliver(delivery);
}
