using ActivityHub.Ledger.Places;
using ActivityHub.Ledger.Storage;
using Microsoft.EntityFrameworkCore;

namespace ActivityHub.Ledger.Devices;

/// <summary>Which feeds are followed so that entering and leaving named places is told: all of an account that has such places.</summary>
public static class PlaceConsumers
{
    /// <summary>The name of that follower.</summary>
    public const string Name = "places";

    /// <summary>
    /// Has all feeds of the account followed, each from its head as of now, where the account has places; those that are followed already go on as they are. False where
    /// there are none. The caller is in a transaction, in which whoever draws a place and whoever adds a phone take turns: else neither would see the other's row.
    /// </summary>
    public static async Task<bool> FollowPlacesAsync(this LedgerContext context, long accountId, CancellationToken cancellationToken)
    {
        await context.LockPlacesAsync(accountId, cancellationToken);
        if (!await context.NamedPlaces.AnyAsync(place => place.AccountId == accountId, cancellationToken))
        {
            return false;
        }

        await context.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO followers (bucket, feed_id, name, cursor, lease_id)
            SELECT bucket, id, {Name}, head, 0 FROM feeds WHERE account_id = {accountId}
            ON CONFLICT DO NOTHING
            """, cancellationToken);
        return true;
    }

    /// <summary>Nobody follows the account's feeds any more once its last place is gone.</summary>
    public static async Task UnfollowPlacesAsync(this LedgerContext context, long accountId, CancellationToken cancellationToken)
    {
        if (!await context.NamedPlaces.AnyAsync(place => place.AccountId == accountId, cancellationToken))
        {
            await context.Database.ExecuteSqlAsync(
                $"DELETE FROM followers WHERE name = {Name} AND feed_id IN (SELECT id FROM feeds WHERE account_id = {accountId})", cancellationToken);
        }
    }

    /// <summary>One at a time changes an account's places, and which feeds are followed. On SQLite whoever writes is alone.</summary>
    public static async Task LockPlacesAsync(this LedgerContext context, long accountId, CancellationToken cancellationToken)
    {
        if (context.Database.IsNpgsql())
        {
            await context.Database.SqlQuery<long>($"SELECT id AS \"Value\" FROM accounts WHERE id = {accountId} FOR NO KEY UPDATE").ToListAsync(cancellationToken);
        }
    }
}
