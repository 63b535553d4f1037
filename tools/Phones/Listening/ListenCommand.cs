using ActivityHub.Phones.CommandLine;
using ActivityHub.Phones.Http;

namespace ActivityHub.Phones.Listening;

/// <summary><c>listen</c>: a small WebSub subscriber.</summary>
internal static class ListenCommand
{
    private static readonly TimeSpan ConfirmedWithin = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan GoodbyeWithin = TimeSpan.FromSeconds(5);

    public static readonly Verb Verb = new(
        "listen",
        "Subscribes to a topic and prints what is delivered, until Ctrl+C.",
        null,
        [
            new("--topic", "URL", "what to subscribe to: a feed's URL in one format, with its key if it needs one"),
            new("--secret", "S", "signs the deliveries; under 200 bytes (default: none, unsigned)"),
            new("--hub", "URL", "the hub (default: what the topic names)"),
            new("--port", "P", "where to hear callbacks (default: a free one)"),
            new("--callback-host", "H", "what the hub is to call this machine (default 127.0.0.1)"),
            new("--lease", "N", "seconds to ask for (default: the hub's choice)"),
            new("--after", "POSITION", "start after this update instead of now"),
            new("--content", "delta", "only what is new, in formats that else carry the whole topic"),
            new("--seconds", "S", "stop after so long"),
        ],
        RunAsync
    );

    private static async Task<int> RunAsync(Arguments arguments, CommandContext context)
    {
        var topic = arguments.Url("--topic");
        var hub = arguments.Url("--hub", required: false);
        var port = arguments.Whole("--port", 0, 0, 65535);
        var host = arguments.Text("--callback-host") ?? "127.0.0.1";
        var lease = arguments.OptionalWhole("--lease", 1, int.MaxValue);
        var seconds = arguments.Seconds("--seconds");
        var secret = arguments.Text("--secret");
        if (secret is not null && System.Text.Encoding.UTF8.GetByteCount(secret) is 0 or >= 200)
        {
            arguments.Fault("--secret has to be 1 to 199 bytes long (WebSub §5.1)");
        }

        WrongArgumentsException.ThrowIfAny(arguments);

        using var over = CancellationTokenSource.CreateLinkedTokenSource(context.Stop);
        if (seconds is { } limit)
        {
            over.CancelAfter(limit);
        }

        using var http = HubConnection.Open(followRedirects: true);
        var found = hub is null ? await TopicDiscovery.FindAsync(http, topic!, over.Token) : TopicDiscovery.At(hub, topic!);
        var printer = new DeliveryPrinter(context);
        await using var listener = await CallbackListener.StartAsync(host, port, context.Time, over.Token);
        var callback = listener.Open(found.Self, secret, printer.Print);
        var request = new SubscriptionRequest(
            found.Hub,
            found.Self,
            callback.Url,
            secret,
            lease,
            arguments.Text("--after"),
            arguments.Text("--content")
        );
        using var hubHttp = HubConnection.Open();
        var sender = new RequestSender(hubHttp, RetryPolicy.Default, context.Time);
        await ListenAsync(context, request, callback, sender, over.Token);
        return printer.Wrong == 0 && callback.DeniedReason is null ? ExitCode.Done : ExitCode.Failed;
    }

    /// <summary>Subscribes, prints the events, renews before the lease ends, and unsubscribes at the stop.</summary>
    public static async Task ListenAsync(
        CommandContext context,
        SubscriptionRequest request,
        Callback callback,
        RequestSender sender,
        CancellationToken stop
    )
    {
        try
        {
            while (true)
            {
                var answer = await request.SubscribeAsync(sender, stop);
                if (!answer.Succeeded)
                {
                    throw new CommandFailedException($"the hub at {request.Hub.GetLeftPart(UriPartial.Path)} refused: {answer.Describe()}");
                }

                if (await ConfirmedAsync(callback, context.Time, stop) is { } reason)
                {
                    throw new CommandFailedException($"the hub denied the subscription: {reason}");
                }

                context.Say($"subscribed, for {callback.LeaseSeconds} s");
                // A day if the hub names no lease; Task.Delay allows at most 49 days.
                var lease = TimeSpan.FromSeconds(callback.LeaseSeconds > 0 ? Math.Min(callback.LeaseSeconds, 40 * 86_400) : 86_400);
                await Task.Delay(lease * 0.8, context.Time, stop);
                // A renewal keeps the cursor; requesting a position again would repeat all updates.
                request = request with
                {
                    After = null,
                };
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            await LeaveAsync(context, request, callback, sender);
        }
    }

    private static async Task<string?> ConfirmedAsync(Callback callback, TimeProvider time, CancellationToken stop)
    {
        try
        {
            return await callback.Answered.WaitAsync(ConfirmedWithin, time, stop);
        }
        catch (TimeoutException)
        {
            return $"it has not called {callback.Url.GetLeftPart(UriPartial.Authority)} within {ConfirmedWithin.TotalSeconds:0} s";
        }
    }

    private static async Task LeaveAsync(CommandContext context, SubscriptionRequest request, Callback callback, RequestSender sender)
    {
        callback.Leave();
        using var soon = new CancellationTokenSource(GoodbyeWithin, context.Time);
        try
        {
            var answer = await request.UnsubscribeAsync(sender, soon.Token);
            if (answer.Succeeded)
            {
                await callback.Ended.WaitAsync(soon.Token);
            }

            context.Say(answer.Succeeded ? "unsubscribed" : $"the hub refused to unsubscribe: {answer.Describe()}");
        }
        catch (OperationCanceledException)
        {
            context.Say("the hub did not confirm the unsubscription in time; it ends with its lease");
        }
    }
}
