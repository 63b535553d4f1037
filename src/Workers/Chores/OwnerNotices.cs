using ActivityHub.Ledger;
using ActivityHub.Ledger.Storage;
using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Ledger.Updates;
using ActivityHub.Workers.Settings;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace ActivityHub.Workers.Chores;

/// <summary>
/// Writes notices about failing subscriptions to their owners, each once, however many processes run this; a subscription's end is reported
/// by the code that ends it. Failures older than the retention of notices are not reported again.
/// </summary>
internal sealed partial class OwnerNotices(
    IDbContextFactory<LedgerContext> contexts, LedgerWriter writer, IOptions<RetentionOptions> options, TimeProvider time,
    ILogger<OwnerNotices> logger)
{
    private const int Slice = 200;
    private static readonly TimeSpan BeforeLeaseEnds = TimeSpan.FromHours(24);

    /// <summary>Writes the notices, and returns how many are new.</summary>
    public async Task<int> RunOnceAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var since = now.AddDays(-options.Value.NoticeDays);
        return await NotifyAsync(NoticeKind.Failing, context => FailingFor(context, Suspension.WarnAfter, since, now), cancellationToken)
            + await NotifyAsync(NoticeKind.Suspended, context => FailingFor(context, Suspension.After, since, now), cancellationToken)
            + await NotifyAsync(NoticeKind.LeaseEnding, context => WithLeaseEnding(context, now), cancellationToken)
            + await NotifyAsync(NoticeKind.Parked, context => Parked(context, since), cancellationToken);
    }

    private static IQueryable<Matter> FailingFor(LedgerContext context, TimeSpan howLong, DateTimeOffset since, DateTimeOffset now)
    {
        var before = now - howLong;
        // The first two conditions match the index of failing cursors.
        return context.Cursors
            .Where(
                cursor =>
                    cursor.Lane == Lane.CatchUp && cursor.Failures > 0 && cursor.FailingSince <= before && cursor.FailingSince > since)
            .Select(
                cursor =>
                    new Matter
                    {
                        Bucket = cursor.Bucket,
                        FeedId = cursor.FeedId,
                        SubscriptionId = cursor.SubscriptionId,
                        About = cursor.FailingSince!.Value
                    });
    }

    private static IQueryable<Matter> WithLeaseEnding(LedgerContext context, DateTimeOffset now)
    {
        var soon = now + BeforeLeaseEnds;
        return context.InTheLastTenthOfTheirLease(now)
            .Where(row => row.State == SubscriptionState.Active && row.LeaseUntil > now && row.LeaseUntil <= soon)
            .Select(row => new Matter { Bucket = row.Bucket, FeedId = row.FeedId, SubscriptionId = row.Id, About = row.LeaseUntil!.Value });
    }

    private static IQueryable<Matter> Parked(LedgerContext context, DateTimeOffset since) => context.ParkedUpdates
        .Where(row => row.ParkedAt > since)
        .Select(row => new Matter { Bucket = row.Bucket, FeedId = row.FeedId, SubscriptionId = row.SubscriptionId, About = row.ParkedAt });

    private async Task<int> NotifyAsync(NoticeKind kind, Func<LedgerContext, IQueryable<Matter>> find, CancellationToken cancellationToken)
    {
        var all = 0;
        while (true)
        {
            await using var context = await contexts.CreateDbContextAsync(cancellationToken);
            var found = await find(context)
                .Where(matter => !context.Set<Notice>().Any(told => told.Bucket == matter.Bucket && told.FeedId == matter.FeedId &&
                    told.SubscriptionId == matter.SubscriptionId && told.Kind == kind && told.About == matter.About))
                .Join(
                    context.Feeds,
                    matter => new { matter.Bucket, Id = matter.FeedId },
                    feed => new { feed.Bucket, feed.Id },
                    (matter, feed) => new { matter.Bucket, matter.FeedId, matter.SubscriptionId, matter.About, feed.AccountId })
                .Distinct().OrderBy(row => row.About).Take(Slice).ToListAsync(cancellationToken);
            var now = time.GetUtcNow();
            var notices = found.ConvertAll(row => new Notice
            {
                Bucket = row.Bucket,
                FeedId = row.FeedId,
                SubscriptionId = row.SubscriptionId,
                Kind = kind,
                About = row.About,
                Id = Guid.CreateVersion7(now),
                AccountId = row.AccountId,
                At = now,
            });
            all += await WriteAsync(notices, cancellationToken);
            if (found.Count < Slice)
            {
                return all;
            }
        }
    }

    private async Task<int> WriteAsync(List<Notice> notices, CancellationToken cancellationToken)
    {
        if (notices.Count == 0)
        {
            return 0;
        }

        var told = await writer.WriteAsync(
            async context =>
            {
                var mine = new List<Notice>();
                foreach (var notice in notices)
                {
                    if (await context.TryAddAsync(notice, cancellationToken))
                    {
                        mine.Add(notice);
                    }
                }

                return mine;
            },
            cancellationToken,
            WritePriority.Chore);
        foreach (var notice in told)
        {
            Log.Told(logger, OpaqueId.Format(notice.SubscriptionId), notice.Kind, notice.About);
        }

        return told.Count;
    }

    private sealed record Matter
    {
        public short Bucket { get; init; }

        public long FeedId { get; init; }

        public long SubscriptionId { get; init; }

        public DateTimeOffset About { get; init; }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Subscription {Subscription}: its owner gets the notice {Kind}, about {About:u}")]
        public static partial void Told(ILogger logger, string subscription, NoticeKind kind, DateTimeOffset about);
    }
}
