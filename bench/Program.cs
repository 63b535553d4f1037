using System.Runtime.InteropServices;
using ActivityHub.Bench;
using ActivityHub.Bench.Load;
using ActivityHub.Bench.Yardsticks;

if (args is [RoleProcess.Switch, LoadRole.Name])
{
    await LoadRole.RunAsync();
    return 0;
}

if (args is [RoleProcess.Switch, StillServer.Name])
{
    await StillServer.RunAsync();
    return 0;
}

if (CommandLine.Read(args, out var fault) is not { } commandLine)
{
    Console.Error.WriteLine(fault);
    return 2;
}

using var stop = new CancellationTokenSource();
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, StopOnce);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, StopOnce);
return await BenchRun.RunAsync(commandLine, stop.Token);

// The first signal requests a graceful end; a second one is left to the system and ends the process.
void StopOnce(PosixSignalContext signal)
{
    signal.Cancel = !stop.IsCancellationRequested;
    stop.Cancel();
}
