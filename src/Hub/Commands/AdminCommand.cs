
namespace ActivityHub.Hub.Commands;

/// <summary>
/// <c>admin …</c>: on PostgreSQL, and on SQLite while no hub runs, it opens the ledger itself; where a hub holds the folder, it asks that
/// hub through its local door.
/// </summary>
internal static class AdminCommand
{
    public static async Task<int> RunAsync(CommandLine line, IReadOnlyList<string> words)
    {
        if (AdminWords.FaultOf(words, line.Switches) is { } fault)
        {
            await Console.Error.WriteLineAsync(fault);
            return 2;
        }

        var answer = CommandRun.FolderOf(HubHost.Prepare(line).Configuration) is { } folder
            ? await CommandSocket.AskAsync(folder, words, CancellationToken.None) : null;
        if (answer is null)
        {
            await using var app = await CommandRun.OpenAsync(line, CancellationToken.None);
            answer = await AdminWords.DoAsync(app.Services, words, CancellationToken.None);
        }

        await (answer.Code == 0 ? Console.Out : Console.Error).WriteLineAsync(answer.Text);
        return answer.Code;
    }
}
