using System.Globalization;
using ActivityHub.Hub.Accounts.Administration;

namespace ActivityHub.Hub.Commands;

/// <summary>What the words after <c>admin</c> mean.</summary>
internal static class AdminWords
{
    private const int Wrong = 2;
    private const int Refused = 1;
    private const int MostAccounts = 10_000;

    private static readonly string[] OfAnAccount = ["invite", "reset-password", "promote", "demote", "remove"];

    /// <summary>Returns the fault of the words; null where there is none.</summary>
    public static string? FaultOf(IReadOnlyList<string> words, IReadOnlySet<string> switches) => words switch
    {
        ["list"] or ["list", _] => null,
        ["remove", var email] when !switches.Contains("yes") =>
            $"This erases {email} with all its phones, feeds and logs. Say admin remove {email} --yes if that is meant.",
        [var verb, _] when OfAnAccount.Contains(verb) => null,
        [var verb] when OfAnAccount.Contains(verb) => $"admin {verb} needs an email address: admin {verb} ada@example.org",
        _ => $"admin takes these words:\n\n{CommandRun.Help}",
    };

    public static async Task<CommandResult> DoAsync(
        IServiceProvider services, IReadOnlyList<string> words, CancellationToken cancellationToken)
    {
        var accounts = services.GetRequiredService<AccountAdministration>();
        switch (words)
        {
            case ["list"]:
                return await ListAsync(accounts, null, cancellationToken);
            case ["list", var part]:
                return await ListAsync(accounts, part, cancellationToken);
            case ["invite", var email]:
                return Told(await accounts.InviteAsync(email, shows: true, cancellationToken));
            case [var verb, var email] when OfAnAccount.Contains(verb):
                if (await accounts.FindAsync(email, cancellationToken) is not { } account)
                {
                    return new CommandResult(Refused, $"There is no account with the address {email}. admin list shows all.");
                }

                return Told(verb switch
                {
                    "reset-password" => accounts.ResetPassword(account, shows: true),
                    "promote" => await accounts.ChangeRoleAsync(account, isAdministrator: true, cancellationToken),
                    "demote" => await accounts.ChangeRoleAsync(account, isAdministrator: false, cancellationToken),
                    _ => await accounts.RemoveAsync(account, cancellationToken),
                });
            default:
                return new CommandResult(Wrong, $"admin takes these words:\n\n{CommandRun.Help}");
        }
    }

    private static CommandResult Told(AdministrationOutcome outcome) =>
        new(outcome.IsDone ? 0 : Refused, outcome.Link is null ? outcome.Words : $"{outcome.Words}\n\n{outcome.Link}");

    private static async Task<CommandResult> ListAsync(AccountAdministration accounts, string? part, CancellationToken cancellationToken)
    {
        var rows = await accounts.ListAsync(part, MostAccounts, cancellationToken);
        var width = rows.Select(row => row.Email.Length).DefaultIfEmpty(0).Max();
        return new CommandResult(0, rows.Count == 0 ? "There is no account." : string.Join('\n', rows.Select(row =>
            $"{row.Email.PadRight(width)}  {(row.IsAdministrator ? "administrator" : "             ")}  since {Day(row.CreatedAt)}  "
            + $"phones {row.Devices}  last used {(row.LastUsedAt is { } at ? Day(at) : "never")}")));
    }

    private static string Day(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}

/// <summary>What a command has to say.</summary>
/// <param name="Code">The exit code: 0 where it was done.</param>
/// <param name="Text">For who gave it; may hold a link that is a secret.</param>
internal sealed record CommandResult(int Code, string Text)
{
    public override string ToString() => "(an answer)";
}
