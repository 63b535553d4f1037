using System.Globalization;
using ActivityHub.Ledger;
using ActivityHub.Ledger.Access;

namespace ActivityHub.Hub.Api.Receipts;

/// <summary>The updates that one grant got in one hour, by one channel and in one place.</summary>
/// <param name="Id">A permanent id.</param>
/// <param name="Feed">The feed.</param>
/// <param name="Grant">The grant; null = a webhook that the owner made.</param>
/// <param name="Name">The name of the grant at that time.</param>
/// <param name="Hour">The beginning of the hour.</param>
/// <param name="Way">read, stream or delivery.</param>
/// <param name="Place">A callback's host, or the network of the reader (IPv4 /24, IPv6 /48).</param>
/// <param name="Times">The number of documents, events or deliveries.</param>
/// <param name="From">The oldest update in any of them, its seq.</param>
/// <param name="To">The newest update in any of them, its seq.</param>
/// <param name="LastAt">The time of the last one.</param>
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
