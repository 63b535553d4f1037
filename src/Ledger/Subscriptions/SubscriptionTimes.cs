using ActivityHub.Ledger.Storage;
using Microsoft.EntityFrameworkCore;

namespace ActivityHub.Ledger.Subscriptions;

/// <summary>
/// Queries that calculate with times of a row, which each database stores in its own way. Callers add further conditions.
/// </summary>
public static class SubscriptionTimes
{
    /// <summary>
    /// Returns the cursors whose feed has a new update since their last try. It is right for suspended cursors only: their tries are
    /// exactly an hour apart, so the due time gives the time of the last try. Includes only subscriptions that see all of the feed: a try
    /// for an update that a view hides would reveal that the update exists.
    /// </summary>
    public static IQueryable<DeliveryCursor> WithNewsSinceLastTry(this LedgerContext context)
    {
        var wait = context.Database.IsNpgsql()
            ? $"interval '{(long)Suspension.TryEvery.TotalSeconds} seconds'"
            : $"{Suspension.TryEvery.Ticks / TimeSpan.TicksPerMicrosecond}";
        // The text holds only our own constants.
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

    /// <summary>Returns active subscriptions with no more than a tenth of their lease left, counted from the confirmation.</summary>
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
