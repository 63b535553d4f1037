using System.Text.Json.Nodes;
using ActivityHub.Phones.CommandLine;
using ActivityHub.Phones.Http;
using ActivityHub.Phones.Listening;
using ActivityHub.Phones.Reporting;
using ActivityHub.Phones.Simulation;

namespace ActivityHub.Phones.Demo;

/// <summary>
/// <c>demo</c>: a few phones push and a subscriber prints the hub's deliveries, until Ctrl+C or until standard input closes. Standard input
/// closes when the program that started this one ends.
/// </summary>
internal static class DemoCommand
{
    public static readonly Verb Verb = new(
        "demo",
        "A few phones, a feed to open in a browser, and a subscriber that prints its deliveries.",
        null,
        [
            new("--hub", "URL", "the hub's address; it has to allow callbacks to 127.0.0.1"),
            new("--count", "N", "how many phones (default 5)"),
            new("--rate", "R", "updates a second over all phones (default 3)"),
            new("--seed", "X", "the same seed makes the same fleet (default 1)"),
            .. Credentials.Options,
        ],
        RunAsync
    );

    private static async Task<int> RunAsync(Arguments arguments, CommandContext context)
    {
        var hub = arguments.Url("--hub");
        var count = arguments.Whole("--count", 5, 1, 1000);
        var rate = arguments.Positive("--rate", 1000) ?? 3;
        var seed = (ulong)(arguments.OptionalWhole("--seed", 0, long.MaxValue) ?? 1);
        var credentials = Credentials.From(arguments);
        WrongArgumentsException.ThrowIfAny(arguments);

        using var over = CancellationTokenSource.CreateLinkedTokenSource(context.Stop);
        using var http = HubConnection.Open();
        var sender = new RequestSender(http, RetryPolicy.Default, context.Time);
        var fleet = new Fleet(count, seed);
        _ = Task.Factory.StartNew(
            () => StopAtEndOfInput(over),
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default
        );
        try
        {
            await PlayAsync(context with { Stop = over.Token }, hub!, credentials, fleet, rate, sender);
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
            // Stopped during the setup.
        }

        return ExitCode.Done;
    }

    /// <summary>Sets the demo up and runs it until the context's stop.</summary>
    public static async Task PlayAsync(
        CommandContext context,
        Uri hub,
        Credentials credentials,
        Fleet fleet,
        double rate,
        RequestSender sender
    )
    {
        var account = await HubAccount.OpenAsync(hub, credentials, sender, context.Stop);
        var devices = new List<DeviceResponse>();
        foreach (var phone in fleet.Phones)
        {
            devices.Add(await account.AddDeviceAsync(phone.Name, context.Stop));
        }

        var grant = await account.AddGrantAsync(devices[0].Feed.Id, new JsonObject { ["name"] = "demo" }, context.Stop);
        Introduce(context, account, fleet, grant);

        await using var listener = await CallbackListener.StartAsync("127.0.0.1", 0, context.Time, context.Stop);
        var topic = UrlOf(grant, "atom");
        var secret = Guid.NewGuid().ToString("N");
        var callback = listener.Open(topic, secret, new DeliveryPrinter(context).Print);
        var request = new SubscriptionRequest(HubAccount.At(hub, "hub"), topic, callback.Url, secret);
        var tally = new Tally();
        var writers = devices.Select(device => FeedWriter.To(device.Name, device.Feed.Urls, device.Key, sender)).ToArray();
        var run = new FleetRun(fleet, writers, 100, tally, context.Time);
        using var failed = CancellationTokenSource.CreateLinkedTokenSource(context.Stop);
        var (finish, ends) = context.Detach();
        using (ends)
        {
            var talking = run.RunAsync(rate, null, failed.Token, finish);
            try
            {
                await ListenCommand.ListenAsync(context, request, callback, sender, context.Stop);
            }
            finally
            {
                await failed.CancelAsync();
                await talking;
            }
        }

        foreach (var fault in tally.Faults)
        {
            context.Say(fault);
        }
    }

    private static void Introduce(CommandContext context, HubAccount account, Fleet fleet, GrantResponse grant)
    {
        context.Say($"Open in a browser: {UrlOf(grant, "rss")}  {UrlOf(grant, "atom")}  {UrlOf(grant, "json")}");
        context.Say($"Account token, shown this once: {account.Token}");
        context.Say(
            $"{fleet.Phones.Count} phones are pushing; what follows is what the hub delivers of {fleet.Phones[0].Name}: "
                + "after how long, seq, kind, title"
        );
    }

    private static string UrlOf(GrantResponse grant, string format) =>
        grant.Urls.TryGetValue(format, out var url) ? url : throw new CommandFailedException($"the hub's grant names no {format} URL");

    // Console input cannot be cancelled; the thread that waits here ends with the process.
    private static void StopAtEndOfInput(CancellationTokenSource over)
    {
        using var input = Console.OpenStandardInput();
        var nothing = new byte[256];
        try
        {
            while (input.Read(nothing) > 0)
            {
                // Typed input is ignored.
            }

            over.Cancel();
        }
        catch (Exception gone) when (gone is IOException or ObjectDisposedException)
        {
            // The demo has already ended.
        }
    }
}
