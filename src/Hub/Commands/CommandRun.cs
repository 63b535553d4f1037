using ActivityHub.Ledger;
using ActivityHub.Ledger.Start;
using ActivityHub.Ledger.Storage;
using Microsoft.EntityFrameworkCore;

namespace ActivityHub.Hub.Commands;

/// <summary>What the program does instead of running the hub: a command, named by the words of the command line.</summary>
internal static class CommandRun
{
    /// <summary>Switches that commands take, without their dashes.</summary>
    public static readonly string[] Switches = ["yes"];

    public const string Help = """
          admin list [PART]                              accounts; those whose address has that part
          admin invite EMAIL                             a link with which that address gets an account
          admin reset-password EMAIL                     a link to a new password
          admin promote EMAIL, admin demote EMAIL        make somebody an administrator, or an ordinary account
          admin remove EMAIL --yes                       erase an account, its phones and what they logged
          backup FOLDER                                  all data as of one moment, while the hub runs
          restore FOLDER                                 a backup in the place of the data, on either database; tried first
          move                                           from the embedded database to an empty PostgreSQL
        """;

    /// <summary>Null where the words are no command, and the hub is to run; else the exit code.</summary>
    public static async Task<int?> TryAsync(string[] args)
    {
        var line = CommandLine.Read(args);
        switch (line.Command is [var word, ..] ? word : null)
        {
            case null:
                return null;
            case "admin":
                return await AdminCommand.RunAsync(line, [.. line.Command.Skip(1)]);
            case "backup" when line.Command.Count == 2:
                return await BackupCommand.RunAsync(line, line.Command[1], CancellationToken.None);
            case "restore" when line.Command.Count == 2:
                return await RestoreCommand.RunAsync(line, line.Command[1], CancellationToken.None);
            case "move" when line.Command.Count == 1:
                return await MoveCommand.RunAsync(line, CancellationToken.None);
            case "backup" or "restore" or "move":
                await Console.Error.WriteLineAsync($"{line.Command[0]} takes other words:\n\n{Help}");
                return 2;
            default:
                await Console.Error.WriteLineAsync($"There is no command \"{line.Command[0]}\". These are there:\n\n{Help}");
                return 2;
        }
    }

    /// <summary>The folder of the embedded database; null on PostgreSQL.</summary>
    public static string? FolderOf(IConfiguration configuration) =>
        !string.IsNullOrEmpty(configuration.GetConnectionString("Ledger")) ? null
        : configuration[$"{HubOptions.Section}:{nameof(HubOptions.DataDirectory)}"] is { Length: > 0 } folder
            ? folder
            : new HubOptions().DataDirectory;

    /// <summary>The same command line, on the embedded database alone.</summary>
    public static CommandLine WithoutPostgres(CommandLine line) =>
        line with { Settings = [.. line.Settings, "--ConnectionStrings:Ledger="] };

    public static Task<LedgerContext> ContextAsync(WebApplication app, CancellationToken cancellationToken) =>
        app.Services.GetRequiredService<IDbContextFactory<LedgerContext>>().CreateDbContextAsync(cancellationToken);

    /// <summary>The product, built and not started, on the ledger that is there.</summary>
    /// <exception cref="LedgerUnavailableException">There is none, or it cannot be used, with what to do.</exception>
    public static async Task<WebApplication> OpenAsync(CommandLine line, CancellationToken cancellationToken)
    {
        if (FolderOf(HubHost.Prepare(line).Configuration) is { } folder)
        {
            LedgerOpening.RequireFile(folder);
        }

        var app = Build(line);
        try
        {
            await app.Services.OpenLedgerAsItIsAsync(cancellationToken);
            return app;
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }

    /// <summary>The product, built and not started: its services work on the ledger.</summary>
    public static WebApplication Build(CommandLine line, Action<WebApplicationBuilder>? configure = null) => HubHost.Build(
        [.. line.Settings, $"--{Roles.Setting}=hub"],
        builder =>
        {
            // What a command has to say it prints.
            builder.Logging.SetMinimumLevel(LogLevel.Warning);
            configure?.Invoke(builder);
        });
}
