using ActivityHub.Ledger.Storage;
using Microsoft.EntityFrameworkCore;

namespace ActivityHub.Ledger.Subscriptions;

/// <summary>Questions that reckon with times of a row, which each database writes its own way; what else is wanted is added to them.</summary>
public static class SubscriptionTimes
{
    /// <summary>
    /// Suspended cursors whose feed has got something since they were tried last. A suspended one waits exactly an hour from try to try, so that
    /// its next tells when the last was. Only of those that see all of the feed: a try at an update that a view hides would tell that there was one.
    /// </summary>
    public static IQueryable<DeliveryCursor> WithNewsSinceLastTry(this LedgerContext context)
    {
        var wait = context.Database.IsNpgsql()
            ? $"interval '{(long)Suspension.TryEvery.TotalSeconds} seconds'"
            : $"{Suspension.TryEvery.Ticks / TimeSpan.TicksPerMicrosecond}";
        // Our own constants alone.
#pragma warning disable EF1002, EF1003
        return context.Cursors.FromSqlRaw(
            $"""
            SELECT c.* FROM cursors c
            JOIN feeds f ON f.bucket = c.bucket AND f.id = c.feed_id
            JOIN updates u ON u.bucket = f.bucket AND u.feed_id = f.id AND u.seq = f.head
            JOIN subscriptions s ON s.bucket = c.bucket AND s.feed_id = c.feed_id AND s.id = c.subscription_id
            LEFT JOIN grants g ON g.id = s.grant_id
            WHERE u.received > c.due_at - {wait} AND s.kinds IS NULL AND g.kinds IS NULL AND coalesce(g.precision, 0) = 0
                AND g."from" IS NULL AND g."to" IS NULL AND coalesce(g.delay_seconds, 0) = 0
            """);
#pragma warning restore EF1002, EF1003
    }

    /// <summary>Active subscriptions of whose lease, from its confirmation on, less than a tenth is left.</summary>
    public static IQueryable<Subscription> InTheLastTenthOfTheirLease(this LedgerContext context, DateTimeOffset now) =>
        context.Database.IsNpgsql()
            ? context.Subscriptions.FromSql(
                $"""
                SELECT * FROM subscriptions
                WHERE state = 0 AND lease_until - (lease_until - confirmed_at) * 0.1 <= {now.ToUniversalTime()}
                """)
            : context.Subscriptions.FromSql(
                $"""
                SELECT * FROM subscriptions
                WHERE state = 0 AND lease_until - (lease_until - confirmed_at) / 10 <= {StoredTime.ToMicroseconds(now)}
                """);
}
