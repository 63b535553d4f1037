using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using ActivityHub.Phones.CommandLine;
using ActivityHub.Phones.Http;
using ActivityHub.Phones.Listening;
using ActivityHub.Phones.Replay;

namespace ActivityHub.Phones.Checking;

/// <summary>Makes the checked subscriptions and ends them: two per device, each with its own secret and callback.</summary>
internal sealed class CheckDesk(HubAccount account, CallbackListener listener, RequestSender sender, bool allowRepeats, string? after)
{
    private const int AtOnce = 8;
    private static readonly TimeSpan ConfirmedWithin = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan GoodbyeWithin = TimeSpan.FromSeconds(15);

    private readonly List<CheckedSubscription> _subscriptions = [];

    public IReadOnlyList<CheckedSubscription> Subscriptions => _subscriptions;

    public IReadOnlyList<SubscriptionCheck> Checks => [.. _subscriptions.Select(subscription => subscription.Check)];

    /// <summary>Adds a grant on the device's feed; both topics carry its reader key.</summary>
    public async Task PrepareAsync(MappedDevice device, UpdateFile file, CancellationToken cancellationToken)
    {
        var expected = ExpectedUpdates.From(file);
        var grant = await account.AddGrantAsync(device.Feed, new JsonObject { ["name"] = "check" }, cancellationToken);
        _subscriptions.Add(Open(device.Source + " atom", grant, "atom", null, expected));
        // A JSON document contains the whole topic by default; only a delta can be compared with the source.
        _subscriptions.Add(Open(device.Source + " json", grant, "json", "delta", expected));
    }

    public async Task SubscribeAsync(CancellationToken cancellationToken)
    {
        var failures = new ConcurrentQueue<string>();
        await Parallel.ForEachAsync(
            _subscriptions,
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken },
            async (subscription, token) =>
            {
                var answer = await subscription.Request.SubscribeAsync(sender, token);
                if (!answer.Succeeded)
                {
                    failures.Enqueue($"{subscription.Check.Name} was refused: {answer.Describe()}");
                }
                else if (await ConfirmedAsync(subscription.Callback, token) is { } reason)
                {
                    failures.Enqueue($"{subscription.Check.Name}: {reason}");
                }
            }
        );
        if (!failures.IsEmpty)
        {
            throw new CommandFailedException(
                $"{failures.Count} of {_subscriptions.Count} subscriptions failed\n{string.Join('\n', failures.Take(5))}"
            );
        }
    }

    /// <summary>Unsubscribes on a best-effort basis: the check is over, and a lease ends by itself.</summary>
    public async Task UnsubscribeAsync(CommandContext context)
    {
        using var soon = new CancellationTokenSource(GoodbyeWithin, context.Time);
        try
        {
            await Parallel.ForEachAsync(
                _subscriptions,
                new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = soon.Token },
                async (subscription, token) =>
                {
                    subscription.Callback.Leave();
                    if ((await subscription.Request.UnsubscribeAsync(sender, token)).Succeeded)
                    {
                        await subscription.Callback.Ended.WaitAsync(token);
                    }
                }
            );
        }
        catch (OperationCanceledException) when (soon.IsCancellationRequested)
        {
            context.Say("not every unsubscription was confirmed in time");
        }
    }

    private CheckedSubscription Open(string name, GrantResponse grant, string format, string? content, ExpectedUpdates expected)
    {
        if (!grant.Urls.TryGetValue(format, out var topic))
        {
            throw new CommandFailedException($"the hub's grant names no {format} URL");
        }

        var check = new SubscriptionCheck(name, expected, allowRepeats);
        var secret = RandomNumberGenerator.GetHexString(40, lowercase: true);
        var callback = listener.Open(topic, secret, check.Take);
        var request = new SubscriptionRequest(
            HubAccount.At(account.Hub, "hub"),
            topic,
            callback.Url,
            secret,
            After: after,
            Content: content
        );
        return new CheckedSubscription(request, callback, check);
    }

    private static async Task<string?> ConfirmedAsync(Callback callback, CancellationToken cancellationToken)
    {
        try
        {
            return await callback.Answered.WaitAsync(ConfirmedWithin, cancellationToken) is { } reason ? $"denied: {reason}" : null;
        }
        catch (TimeoutException)
        {
            return $"not confirmed within {ConfirmedWithin.TotalSeconds:0} s";
        }
    }
}
