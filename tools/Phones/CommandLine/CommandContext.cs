using Spectre.Console;

namespace ActivityHub.Phones.CommandLine;

/// <summary>What every verb runs with.</summary>
/// <param name="Stop">Cancelled at the first Ctrl+C: finish what is under way, start nothing new.</param>
internal sealed record CommandContext(IAnsiConsole Console, TimeProvider Time, CancellationToken Stop)
{
    /// <summary>How long work under way may go on once a stop was asked for.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    // Deliveries arrive on many threads.
    private readonly Lock _line = new();

    /// <summary>A token for work that was begun before the stop: it gets ten seconds more.</summary>
    public (CancellationToken Token, IDisposable Ends) Detach()
    {
        var grace = new CancellationTokenSource();
        var asked = Stop.Register(() => grace.CancelAfter(Grace));
        return (grace.Token, new Ending(grace, asked));
    }

    /// <summary>One plain line as it is: neither markup nor wrapping, so that programs can read it.</summary>
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
