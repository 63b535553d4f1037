using System.Globalization;
using ActivityHub.Ledger;
using ActivityHub.Ledger.Access;

namespace ActivityHub.Hub.Api.Receipts;

/// <summary>What one grant got in one hour, one way and in one place.</summary>
/// <param name="Id">Names it for good.</param>
/// <param name="Feed">Of which feed.</param>
/// <param name="Grant">Under which grant; null = a webhook that the owner made.</param>
/// <param name="Name">What the grant was called.</param>
/// <param name="Hour">The beginning of the hour.</param>
/// <param name="Way">read, stream or delivery.</param>
/// <param name="Place">A callback's host, or the network from which was read (IPv4 /24, IPv6 /48).</param>
/// <param name="Times">How many documents, events or deliveries.</param>
/// <param name="From">The oldest update in any of them, its seq.</param>
/// <param name="To">The newest update in any of them, its seq.</param>
/// <param name="LastAt">When the last of them went out.</param>
/// <param name="Words">The same for people.</param>
internal sealed record ReceiptResponse(
    string Id, string Feed, string? Grant, string Name, DateTime Hour, string Way, string Place, int Times, long From, long To,
    DateTime LastAt, string Words)
{
    public static ReceiptResponse Of(Receipt receipt)
    {
        var (feed, grant) = (OpaqueId.Format(receipt.FeedId), receipt.GrantId == 0 ? null : OpaqueId.Format(receipt.GrantId));
        var (way, verb) = receipt.Way switch
        {
            ReceiptChannel.Read => ("read", "read"),
            ReceiptChannel.Stream => ("stream", "was streamed"),
            _ => ("delivery", "was sent"),
        };
        var name = grant is null ? "webhook" : receipt.GrantName;
        var range = receipt.FromSeq == receipt.ToSeq ? $"update {receipt.FromSeq}" : $"updates {receipt.FromSeq} to {receipt.ToSeq}";
        var times = receipt.Times == 1 ? "once" : $"{receipt.Times} times";
        var hour = receipt.Hour.UtcDateTime.ToString("yyyy-MM-dd HH", CultureInfo.InvariantCulture);
        return new ReceiptResponse(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{feed}-{grant ?? "webhook"}-{receipt.Hour.ToUnixTimeSeconds() / 3600}-{way}-{receipt.Place}"),
            feed, grant, name, receipt.Hour.UtcDateTime, way, receipt.Place, receipt.Times, receipt.FromSeq, receipt.ToSeq,
            receipt.LastAt.UtcDateTime, $"“{name}” {verb} {range} of feed {feed}, {times} from {hour} UTC on, at {receipt.Place}.");
    }
}
