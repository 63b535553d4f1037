using Spectre.Console;

namespace ActivityHub.Phones.CommandLine;

/// <summary>The context in which every verb runs.</summary>
/// <param name="Stop">Cancelled at the first Ctrl+C: complete running work, start nothing new.</param>
internal sealed record CommandContext(IAnsiConsole Console, TimeProvider Time, CancellationToken Stop)
{
    /// <summary>How long running work may continue after a stop.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    // Deliveries arrive on many threads.
    private readonly Lock _line = new();

    /// <summary>Creates a token for work that began before the stop: it is cancelled ten seconds after the stop.</summary>
    public (CancellationToken Token, IDisposable Ends) Detach()
    {
        var grace = new CancellationTokenSource();
        var asked = Stop.Register(() => grace.CancelAfter(Grace));
        return (grace.Token, new Ending(grace, asked));
    }

    /// <summary>Writes one line without markup or wrapping, so that programs can read it.</summary>
    public void Say(string line)
    {
        lock (_line)
        {
            Console.Profile.Out.Writer.WriteLine(line);
            Console.Profile.Out.Writer.Flush();
        }
    }

    private sealed class Ending(CancellationTokenSource grace, CancellationTokenRegistration asked) : IDisposable
    {
        public void Dispose()
        {
            asked.Dispose();
            grace.Dispose();
        }
    }
}
