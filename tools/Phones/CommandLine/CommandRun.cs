namespace ActivityHub.Phones.CommandLine;

/// <summary>Parses the words and runs the verb; reports wrong arguments, and an error as one line.</summary>
internal static class CommandRun
{
    public static async Task<int> RunAsync(Verb verb, IReadOnlyList<string> words, CommandContext context, TextWriter errors)
    {
        var arguments = Arguments.Parse(verb, words);
        if (arguments.WantsHelp)
        {
            HelpText.OfVerb(context.Console, verb);
            return ExitCode.Done;
        }

        try
        {
            return await verb.RunAsync(arguments, context);
        }
        catch (WrongArgumentsException)
        {
            foreach (var fault in arguments.Faults)
            {
                await errors.WriteLineAsync(fault);
            }

            return ExitCode.Usage;
        }
        catch (CommandFailedException failure)
        {
            await errors.WriteLineAsync(failure.Message);
            return ExitCode.Failed;
        }
        catch (OperationCanceledException) when (context.Stop.IsCancellationRequested)
        {
            await errors.WriteLineAsync("stopped");
            return ExitCode.Failed;
        }
    }
}
