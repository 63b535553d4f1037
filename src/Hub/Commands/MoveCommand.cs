using ActivityHub.Ledger.Copying;
using ActivityHub.Ledger.Start;
using ActivityHub.Ledger.Storage;

namespace ActivityHub.Hub.Commands;

/// <summary>
/// <c>move</c>: the embedded database of <c>Hub:DataDirectory</c> into the empty PostgreSQL of <c>ConnectionStrings:Ledger</c>. Ids, keys
/// and positions stay, so that phones, readers and subscribers notice nothing. The folder is left as it was.
/// </summary>
internal static class MoveCommand
{
    public static async Task<int> RunAsync(CommandLine line, CancellationToken cancellationToken)
    {
        if (CommandRun.FolderOf(HubHost.Prepare(line).Configuration) is not null)
        {
            await Console.Error.WriteLineAsync(
                "Name the PostgreSQL database to move to: move --ConnectionStrings:Ledger \"Host=…;Database=…;Username=…;Password=…\" "
                + "--Hub:DataDirectory ./hub-data");
            return 2;
        }

        // It keeps hubs out of the folder as long as it is there.
        await using var embedded = await CommandRun.OpenAsync(CommandRun.WithoutPostgres(line), cancellationToken);
        await using var source = await CommandRun.ContextAsync(embedded, cancellationToken);
        await CopyAsync(line, source, cancellationToken);
        Console.WriteLine("Moved. Start the hub with this ConnectionStrings:Ledger, and keep the folder until you have seen it run.");
        return 0;
    }

    /// <summary>Copies everything to the PostgreSQL that the command line names, and opens it there with its keys.</summary>
    public static async Task CopyAsync(CommandLine line, LedgerContext source, CancellationToken cancellationToken)
    {
        await using var app = CommandRun.Build(line);
        await app.Services.CreateLedgerTablesAsync(cancellationToken);
        await using (var target = await CommandRun.ContextAsync(app, cancellationToken))
        {
            await LedgerCopy.CopyAsync(source, target, (table, rows) => Console.WriteLine($"  {rows,12:#,0}  {table}"), cancellationToken);
        }

        // Reads the key ring and the root key that were copied.
        await app.Services.OpenLedgerAsItIsAsync(cancellationToken);
    }
}
