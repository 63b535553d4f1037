using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Hosting;

namespace ActivityHub.Ledger;

/// <summary>Starts an application that may be stopped while it starts: a deployment can stop a process at any moment.</summary>
public static class StoppableStart
{
    /// <summary>
    /// Starts the application. Returns false if a stop was requested before the start had completed; this is not an error, and the caller
    /// does not wait for a shutdown.
    /// </summary>
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

    /// <summary>Starts the application and returns once it has stopped.</summary>
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
