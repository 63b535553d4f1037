using System.Runtime.InteropServices;
using ActivityHub.Phones.Checking;
using ActivityHub.Phones.CommandLine;
using ActivityHub.Phones.Demo;
using ActivityHub.Phones.Listening;
using ActivityHub.Phones.Replay;
using ActivityHub.Phones.Simulation;
using Spectre.Console;

Verb[] verbs = [SimulateCommand.Verb, ReplayCommand.Verb, ListenCommand.Verb, CheckCommand.Verb, DemoCommand.Verb];
var console = AnsiConsole.Console;

// Without a terminal there is no width; output for programs must not be wrapped at a guess of 80.
if (!console.Profile.Out.IsTerminal)
{
    console.Profile.Width = 160;
}

if (args.Length == 0 || args[0] is "--help" or "-h" or "help")
{
    HelpText.OfProgram(console, verbs);
    return args.Length == 0 ? ExitCode.Usage : ExitCode.Done;
}

var verb = verbs.FirstOrDefault(each => each.Name == args[0]);
if (verb is null)
{
    Console.Error.WriteLine($"'{args[0]}' is not a verb: give one of {string.Join(", ", verbs.Select(each => each.Name))}");
    return ExitCode.Usage;
}

using var stop = new CancellationTokenSource();
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, StopOnce);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, StopOnce);
return await CommandRun.RunAsync(verb, args[1..], new CommandContext(console, TimeProvider.System, stop.Token), Console.Error);

// The first signal requests a graceful end; a second one is left to the system and ends the process.
void StopOnce(PosixSignalContext signal)
{
    signal.Cancel = !stop.IsCancellationRequested;
    stop.Cancel();
}
