using System.Globalization;
using System.Text.Json;

namespace ActivityHub.Bench.Load;

/// <summary>
/// The load as a separate process: all phones and all callbacks. It executes commands, line by line, until its input ends.
/// </summary>
internal static class LoadRole
{
    public const string Name = "load";

    public static async Task RunAsync()
    {
        await using var server = await CallbackServer.StartAsync();
        Console.WriteLine(server.Port.ToString(CultureInfo.InvariantCulture));
        Fleet? fleet = null;
        Task<PostSample>? sample = null;
        while (await Console.In.ReadLineAsync() is { } line)
        {
            try
            {
                switch (JsonSerializer.Deserialize<LoadTask>(line))
                {
                    case SetUp setUp:
                        fleet?.Dispose();
                        server.Callbacks = new Callbacks(setUp.Callbacks);
                        fleet = new Fleet(new Uri(setUp.Hub), [.. File.ReadLines(setUp.PhonesFile).Select(Phone.Read)], server.Callbacks);
                        sample = server.SampleAsync();
                        Answer(new Done());
                        break;
                    case TakeSample:
                        Answer(await sample!.WaitAsync(Fleet.Patience));
                        break;
                    case RunWaves waves:
                        Answer(await fleet!.RunAsync(waves));
                        break;
                    case WriteFlat write:
                        Answer(await fleet!.RunAsync(write));
                        break;
                    case WriteApp app:
                        Answer(await fleet!.RunAsync(app));
                        break;
                    case KeepPace pace:
                        Answer(await new PacedRun(fleet!, server.Callbacks, pace).RunAsync());
                        break;
                    case Misbehave misbehave:
                        fleet!.Place(misbehave);
                        Answer(new Done());
                        break;
                    case Settle:
                        await fleet!.SettleAsync();
                        Answer(new Done());
                        break;
                    case ReadFlat read:
                        Answer(await Reader.RunAsync(read));
                        break;
                }
            }
#pragma warning disable CA1031 // Whatever it is, the bench is to say it and to end; this process ends with the bench.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                Console.WriteLine(JsonSerializer.Serialize(new LoadAnswer<Done>(null, exception.ToString())));
            }
        }

        fleet?.Dispose();
    }

    private static void Answer<T>(T result) => Console.WriteLine(JsonSerializer.Serialize(new LoadAnswer<T>(result, null)));
}
