using System.ServiceModel.Syndication;
using ActivityHub.Ledger;

namespace ActivityHub.Hub.Api.Receipts;

/// <summary>Receipts as entries: a feed that is read now and then by its owner alone, so the library writes it.</summary>
internal static class ReceiptFeed
{
    public const string Title = "Who read what";

    public static SyndicationFeed Of(IReadOnlyList<ReceiptResponse> receipts, HubOptions hub)
    {
        var self = new Uri($"{hub.Base}/api/receipts.atom");
        var updated = receipts.Count == 0
            ? DateTimeOffset.UnixEpoch
            : new DateTimeOffset(receipts.Max(receipt => receipt.LastAt), TimeSpan.Zero);
        var feed = new SyndicationFeed(Title, null, null, self.ToString(), updated)
        {
            Items = [.. receipts.Select(receipt => new SyndicationItem(
                receipt.Words, receipt.Words, null, $"{self}#{Uri.EscapeDataString(receipt.Id)}",
                new DateTimeOffset(receipt.LastAt, TimeSpan.Zero))
            {
                PublishDate = new DateTimeOffset(receipt.Hour, TimeSpan.Zero),
            })],
        };
        feed.Links.Add(SyndicationLink.CreateSelfLink(self, "application/atom+xml"));
        feed.Authors.Add(new SyndicationPerson { Name = "Activity Hub" });
        return feed;
    }
}
