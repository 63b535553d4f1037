using System.Runtime.CompilerServices;
using Xunit;

namespace ActivityHub.TestKit;

/// <summary>Waits for something that only a row shows, with a deadline; where there is a signal, wait for the signal instead.</summary>
public static class Eventually
{
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>Asks again and again, 20 ms apart on the real clock, until the answer is yes.</summary>
    /// <exception cref="TimeoutException">It was not yes within the timeout (30 s unless given: where a machine is busy with everything at
    /// once, what takes milliseconds elsewhere takes seconds); the message quotes the question.</exception>
    public static async Task ShouldAsync(
        Func<Task<bool>> question,
        TimeSpan? timeout = null,
        [CallerArgumentExpression(nameof(question))] string asked = "")
    {
        var deadline = timeout ?? DefaultTimeout;
        var started = TimeProvider.System.GetTimestamp();
        while (!await question())
        {
            if (TimeProvider.System.GetElapsedTime(started) > deadline)
            {
                throw new TimeoutException($"Not within {deadline.TotalSeconds:0.#} s: {asked}");
            }

            await Task.Delay(Pause, TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }
}
