using ActivityHub.Ledger.Places;
using ActivityHub.Ledger.Storage;
using Microsoft.EntityFrameworkCore;

namespace ActivityHub.Ledger.Devices;

/// <summary>Decides which feeds are consumed for events of named places: all feeds of an account that has such places.</summary>
public static class PlaceConsumers
{
    /// <summary>The name of the consumer.</summary>
    public const string Name = "places";

    /// <summary>
    /// Starts to consume all feeds of an account with places, each from its current head; feeds that are consumed already go on as they
    /// are. Returns false where there are none. Call it in a transaction: adding a place and adding a phone lock each other out there, else
    /// neither would see the other's row.
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

    /// <summary>Stops consuming the account's feeds once its last place is gone.</summary>
    public static async Task UnfollowPlacesAsync(this LedgerContext context, long accountId, CancellationToken cancellationToken)
    {
        if (!await context.NamedPlaces.AnyAsync(place => place.AccountId == accountId, cancellationToken))
        {
            await context.Database.ExecuteSqlAsync(
                $"DELETE FROM followers WHERE name = {Name} AND feed_id IN (SELECT id FROM feeds WHERE account_id = {accountId})",
                cancellationToken);
        }
    }

    /// <summary>
    /// Locks the account's row, so that one transaction at a time changes its places and consumed feeds. SQLite has one writer anyway.
    /// </summary>
    public static async Task LockPlacesAsync(this LedgerContext context, long accountId, CancellationToken cancellationToken)
    {
        if (context.Database.IsNpgsql())
        {
            await context.Database.SqlQuery<long>($"SELECT id AS \"Value\" FROM accounts WHERE id = {accountId} FOR NO KEY UPDATE")
                .ToListAsync(cancellationToken);
        }
    }
}
