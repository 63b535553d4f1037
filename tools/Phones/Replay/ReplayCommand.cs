using ActivityHub.Phones.CommandLine;
using ActivityHub.Phones.Http;
using ActivityHub.Phones.Reporting;

namespace ActivityHub.Phones.Replay;

/// <summary><c>replay</c>: sends recorded updates from files, one device per file.</summary>
internal static class ReplayCommand
{
    private const int RegisterAtOnce = 8;

    public static readonly Verb Verb = new(
        "replay",
        "Replays recorded updates (NDJSON, gzipped or not): each file to a device of its own, in its order, with its ids.",
        "FILE…",
        [
            new("--hub", "URL", "the hub's address"),
            new("--speed", "max|Nx", "max (default), 1x as it was, 60x an hour a minute"),
            new("--batch", "B", "at most so many updates a request (default 100)"),
            new("--connections", "C", "at most so many requests at once (default 16)"),
            new("--out", "FILE", "write which file became which device, with its keys, to FILE (mode 600)"),
            new("--devices", "FILE", "use the devices of a file that --out wrote"),
            new("--register-only", null, "make the devices and send nothing"),
            new("--tries", "N", $"how often a request is tried (default {RetryPolicy.Default.Tries})"),
            .. Credentials.Options,
        ],
        RunAsync
    );

    private static async Task<int> RunAsync(Arguments arguments, CommandContext context)
    {
        var known = arguments.Text("--devices");
        var given = arguments.Url("--hub", required: known is null);
        var speed = ReplaySpeed.From(arguments);
        var batch = arguments.Whole("--batch", 100, 1, FeedWriter.LargestBatch);
        var connections = arguments.Whole("--connections", 16, 1, 10_000);
        var policy = RetryPolicy.Default with { Tries = arguments.Whole("--tries", RetryPolicy.Default.Tries, 1, 1000) };
        var credentials = Credentials.From(arguments);
        if (arguments.Files.Count == 0)
        {
            arguments.Fault("no file is given: give at least one, such as phone.ndjson.gz");
        }

        WrongArgumentsException.ThrowIfAny(arguments);

        var files = UpdateFile.OpenAll(arguments.Files);
        using var http = HubConnection.Open(connections);
        var loaded = known is null ? null : DeviceMap.Load(known);
        var map = await RegisterMissingAsync(
            loaded,
            given,
            credentials,
            files,
            new RequestSender(http, policy, context.Time),
            context.Stop
        );
        if ((arguments.Text("--out") ?? (map == loaded ? null : known)) is { } path)
        {
            map.Save(path);
        }

        if (arguments.Flag("--register-only"))
        {
            context.Say($"{map.Devices.Count} devices are registered at {map.Hub}");
            return ExitCode.Done;
        }

        var tally = new Tally();
        var sender = new RequestSender(http, policy, context.Time, tally.Latencies.Add);
        var replays = files.Select(file => new FileReplay(file, WriterOf(map, file, sender), batch, speed, tally, context.Time)).ToArray();
        var total = files.Sum(file => file.Read().LongCount());
        var origin = files.Select(file => file.Read().FirstOrDefault()?.At).Min() ?? DateTimeOffset.UnixEpoch;
        var began = context.Time.GetTimestamp();
        var (finish, ends) = context.Detach();
        using (ends)
        {
            await ProgressView.RunAsync(context, "replay", total, tally, RunAllAsync);
        }

        SummaryTable.Write(context.Console, tally, context.Time.GetElapsedTime(began));
        return tally.AllWell ? ExitCode.Done : ExitCode.Failed;

        // With recorded timing, all files run from the start; at full speed only as many at once as there are connections.
        Task RunAllAsync() =>
            Parallel.ForEachAsync(
                replays,
                new ParallelOptions { MaxDegreeOfParallelism = speed.Factor is null ? connections : replays.Length },
                async (replay, _) => await replay.RunAsync(origin, began, context.Stop, finish)
            );
    }

    private static async Task<DeviceMap> RegisterMissingAsync(
        DeviceMap? map,
        Uri? given,
        Credentials credentials,
        IReadOnlyList<UpdateFile> files,
        RequestSender sender,
        CancellationToken cancellationToken
    )
    {
        var missing = files.Where(file => map?.Find(file.Source) is null).ToArray();
        if (map is not null && missing.Length == 0)
        {
            return map;
        }

        var hub = given ?? new Uri(map!.Hub);
        var token = credentials.Token ?? map?.Token;
        var account = await HubAccount.OpenAsync(hub, credentials with { Token = token }, sender, cancellationToken);
        var made = new MappedDevice[missing.Length];
        await Parallel.ForAsync(
            0,
            missing.Length,
            new ParallelOptions { MaxDegreeOfParallelism = RegisterAtOnce, CancellationToken = cancellationToken },
            async (i, stop) => made[i] = Map(missing[i].Source, await account.AddDeviceAsync(missing[i].Source, stop))
        );
        return new DeviceMap(hub.AbsoluteUri, account.Token, [.. map?.Devices ?? [], .. made]);
    }

    private static MappedDevice Map(string source, DeviceResponse device) =>
        new(source, device.Id, device.Feed.Id, device.IngestUrl, device.Feed.Urls, device.Key);

    private static FeedWriter WriterOf(DeviceMap map, UpdateFile file, RequestSender sender) =>
        map.Find(file.Source) is { } device
            ? FeedWriter.To(device.Source, device.Urls, device.Key, sender)
            : throw new CommandFailedException($"no device is registered for {file.Source}");
}
