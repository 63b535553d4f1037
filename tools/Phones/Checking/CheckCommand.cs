using ActivityHub.Phones.CommandLine;
using ActivityHub.Phones.Http;
using ActivityHub.Phones.Listening;
using ActivityHub.Phones.Replay;

namespace ActivityHub.Phones.Checking;

/// <summary><c>check</c>: makes two subscriptions for every replayed device and compares their deliveries with the source files.</summary>
internal static class CheckCommand
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Say = TimeSpan.FromSeconds(5);

    public static readonly Verb Verb = new(
        "check",
        "Subscribes twice to every replayed device and holds what is delivered against the files.",
        "[FILE…]",
        [
            new("--devices", "FILE", "which file became which device: what replay --out wrote"),
            new("--sources", "FILE…", "the files that are replayed", Many: true),
            new("--hub", "URL", "the hub's address (default: the one in the devices' file)"),
            new("--token", "T", "the owner's account token (default: the one in the devices' file)"),
            new("--port", "P", "where to hear callbacks (default: a free one)"),
            new("--callback-host", "H", "what the hub is to call this machine (default 127.0.0.1)"),
            new("--after", "POSITION", "start after this position (0 for the beginning) instead of now"),
            new("--allow-repeats", null, "at least once: whole POSTs may come again, nothing may change its order"),
            new("--timeout", "S", "give up after so long (default 600)"),
            new("--settle", "S", "when all has arrived, listen on for repeats (default 2)"),
            new("--keep", null, "leave the subscriptions when done"),
        ],
        RunAsync
    );

    private static async Task<int> RunAsync(Arguments arguments, CommandContext context)
    {
        var path = arguments.RequiredText("--devices", "the file that replay --out wrote");
        var hub = arguments.Url("--hub", required: false);
        var port = arguments.Whole("--port", 0, 0, 65535);
        var timeout = arguments.Seconds("--timeout") ?? TimeSpan.FromMinutes(10);
        var settle = arguments.Seconds("--settle") ?? TimeSpan.FromSeconds(2);
        if (arguments.Texts("--sources").Count + arguments.Files.Count == 0)
        {
            arguments.Fault("--sources is missing: give the files that are replayed");
        }

        WrongArgumentsException.ThrowIfAny(arguments);

        var map = DeviceMap.Load(path);
        var files = UpdateFile.OpenAll([.. arguments.Texts("--sources"), .. arguments.Files]);
        var token = arguments.Text("--token") ?? map.Token ?? throw new CommandFailedException("there is no account token: give --token");
        using var http = HubConnection.Open();
        var sender = new RequestSender(http, RetryPolicy.Default, context.Time);
        var account = HubAccount.WithToken(hub ?? new Uri(map.Hub), token, sender);
        using var limit = new CancellationTokenSource(timeout, context.Time);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(context.Stop, limit.Token);
        await using var listener = await CallbackListener.StartAsync(
            arguments.Text("--callback-host") ?? "127.0.0.1",
            port,
            context.Time,
            over.Token
        );
        var desk = new CheckDesk(account, listener, sender, arguments.Flag("--allow-repeats"), arguments.Text("--after"));
        try
        {
            foreach (var file in files)
            {
                await desk.PrepareAsync(
                    map.Find(file.Source) ?? throw new CommandFailedException($"{path} names no device for {file.Source}"),
                    file,
                    over.Token
                );
            }

            await desk.SubscribeAsync(over.Token);
            context.Say($"ready: {desk.Subscriptions.Count} subscriptions are confirmed");
            await AllArrivedAsync(context, desk.Checks, over.Token);
            await Task.Delay(settle, context.Time, over.Token);
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
            context.Say(
                context.Stop.IsCancellationRequested ? "stopped before all had arrived" : $"not done after {timeout.TotalSeconds:0} s"
            );
        }

        CheckReport.Write(context.Console, desk.Checks);
        if (!arguments.Flag("--keep"))
        {
            await desk.UnsubscribeAsync(context);
        }

        return desk.Checks.Count == files.Count * 2 && desk.Checks.All(check => check.Right) ? ExitCode.Done : ExitCode.Failed;
    }

    private static async Task AllArrivedAsync(CommandContext context, IReadOnlyList<SubscriptionCheck> checks, CancellationToken stop)
    {
        var said = context.Time.GetTimestamp();
        while (!checks.All(check => check.Complete))
        {
            await Task.Delay(Poll, context.Time, stop);
            if (context.Time.GetElapsedTime(said) < Say)
            {
                continue;
            }

            said = context.Time.GetTimestamp();
            context.Say(
                $"{checks.Sum(check => (long)check.Arrived)} of {checks.Sum(check => (long)check.Expected)} arrived, "
                    + $"{checks.Count(check => check.Complete)} of {checks.Count} subscriptions complete"
            );
        }
    }
}
