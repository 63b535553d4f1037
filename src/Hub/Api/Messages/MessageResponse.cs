using System.Text.Json;
using ActivityHub.Ledger;
using ActivityHub.Ledger.Devices;

namespace ActivityHub.Hub.Api.Messages;

/// <summary>A message, as its sender and the phone's owner see it.</summary>
/// <param name="Id">Its id; the phone sees the same.</param>
/// <param name="State">waiting, sent, acknowledged, expired or revoked.</param>
/// <param name="Way">The last channel: answer, inbox, stream, push, or the name of an app's format; null = not yet sent.</param>
/// <param name="From">The sender: owner, or the grant's name.</param>
/// <param name="Grant">The grant of the sender; null = the owner.</param>
/// <param name="Text">The text.</param>
/// <param name="Url">The link.</param>
/// <param name="Command">The command.</param>
/// <param name="Arguments">The arguments of the command.</param>
/// <param name="CreatedAt">The time of its creation.</param>
/// <param name="ExpiresAt">The end of its waiting time.</param>
/// <param name="SentAt">The time when it was sent last.</param>
/// <param name="SettledAt">The time of its final state.</param>
internal sealed record MessageResponse(
    string Id, string State, string? Way, string From, string? Grant, string? Text, string? Url, string? Command, JsonElement? Arguments,
    DateTime CreatedAt, DateTime ExpiresAt, DateTime? SentAt, DateTime? SettledAt)
{
    public static MessageResponse Of(Message row) => new(
        OpaqueId.Format(row.Id),
        Word(row.State),
        row.Way,
        row.Sender,
        row.GrantId == 0 ? null : OpaqueId.Format(row.GrantId),
        row.Text,
        row.Url,
        row.Command,
        row.Arguments is null ? null : JsonElement.Parse(row.Arguments),
        row.CreatedAt.UtcDateTime,
        row.ExpiresAt.UtcDateTime,
        row.SentAt?.UtcDateTime,
        row.SettledAt?.UtcDateTime);

    private static string Word(MessageState state) => state switch
    {
        MessageState.Waiting => "waiting",
        MessageState.Sent => "sent",
        MessageState.Acknowledged => "acknowledged",
        MessageState.Expired => "expired",
        _ => "revoked",
    };
}
