using ActivityHub.Ledger.Storage;
using ActivityHub.Ledger.Subscriptions;
using Microsoft.EntityFrameworkCore;

namespace ActivityHub.Hub.Api.Notices;

/// <summary>A notice, and the subscription that it is about as it is now; null where that is forgotten.</summary>
internal sealed record ToldNotice(Notice Notice, Subscription? About);

/// <summary>Reads them.</summary>
internal static class ToldNotices
{
    /// <summary>Returns the newest of the selected notices.</summary>
    public static Task<List<ToldNotice>> NewestAsync(
        this IQueryable<Notice> notices, LedgerContext context, int most, CancellationToken cancellationToken) =>
        notices.OrderByDescending(notice => notice.Id).Take(most)
            .GroupJoin(
                context.Subscriptions.AsNoTracking(),
                notice => new { notice.Bucket, notice.FeedId, Id = notice.SubscriptionId },
                subscription => new { subscription.Bucket, subscription.FeedId, subscription.Id },
                (notice, about) => new { Notice = notice, About = about })
            .SelectMany(pair => pair.About.DefaultIfEmpty(), (pair, about) => new { pair.Notice, About = about })
            .OrderByDescending(pair => pair.Notice.Id).Select(pair => new ToldNotice(pair.Notice, pair.About))
            .ToListAsync(cancellationToken);
}
