using System.Text.Json;
using ActivityHub.Ledger;
using ActivityHub.Ledger.Devices;

namespace ActivityHub.Hub.Api.Messages;

/// <summary>A message, as its sender and the phone's owner see it.</summary>
/// <param name="Id">Its id; the phone sees the same.</param>
/// <param name="State">waiting, sent, acknowledged, expired or revoked.</param>
/// <param name="Way">By which way it was sent last: answer, inbox, stream, push, or the name of an app's format; null = not yet.</param>
/// <param name="From">Who sent it: owner, or the grant's name.</param>
/// <param name="Grant">The grant under which it was sent; null = the owner.</param>
/// <param name="Text">What it says.</param>
/// <param name="Url">The link.</param>
/// <param name="Command">The command.</param>
/// <param name="Arguments">Of the command.</param>
/// <param name="CreatedAt">When it was written.</param>
/// <param name="ExpiresAt">Until when it waits.</param>
/// <param name="SentAt">When it was sent last.</param>
/// <param name="SettledAt">When it came to its last state.</param>
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
