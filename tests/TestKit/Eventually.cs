using System.Runtime.CompilerServices;
using Xunit;

namespace ActivityHub.TestKit;

/// <summary>Waits, with a deadline, for a condition that must be polled. If there is a signal, wait for the signal instead.</summary>
public static class Eventually
{
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>Repeats the question every 20 ms on the real clock until it returns true.</summary>
    /// <exception cref="TimeoutException">
    /// The question did not return true within the timeout; the message quotes it. The default is 30 s: on a busy machine, an operation of
    /// milliseconds can take seconds.
    /// </exception>
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
