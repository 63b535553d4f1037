using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Hosting;

namespace ActivityHub.Ledger;

/// <summary>Starting, with the end that may come meanwhile: whoever deploys stops processes at any moment.</summary>
public static class StoppableStart
{
    /// <summary>Starts it. False where it was asked to stop before it had started: nothing is to be waited for, and nothing is wrong.</summary>
    public static async Task<bool> TryStartAsync(this WebApplication app)
    {
        try
        {
            await app.StartAsync();
            return true;
        }
        catch (OperationCanceledException) when (app.Lifetime.ApplicationStopping.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>Starts it, and returns once it has stopped.</summary>
    public static async Task RunUntilStoppedAsync(this WebApplication app)
    {
        await using (app)
        {
            if (await app.TryStartAsync())
            {
                await app.WaitForShutdownAsync();
            }
        }
    }
}
