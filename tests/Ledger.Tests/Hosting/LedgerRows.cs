using ActivityHub.Ledger.Storage;
using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Ledger.Updates;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Shouldly;

namespace ActivityHub.Ledger.Tests;

/// <summary>Creates and reads the rows of tests, in the same way as the roles do.</summary>
internal static class LedgerRows
{
    public static readonly DateTimeOffset Birth = new(2026, 11, 23, 8, 0, 0, TimeSpan.Zero);

    public static async Task<Feed> OpenFeedAsync(this LedgerHost host, long accountId = 7)
    {
        var feed = Feed.Open(accountId, "A phone", Birth);
        await host.AddAsync(feed);
        return feed;
    }

    public static Task AddAsync(this LedgerHost host, params object[] rows) => host.Writer.WriteAsync(
        async context =>
        {
            context.AddRange(rows);
            await context.SaveChangesAsync();
        },
        LedgerHost.Token);

    /// <summary>Adds an idle mark of a shard.</summary>
    public static async Task<ShardKey> AddMarkAsync(this LedgerHost host, Feed feed, long head = 0, short shard = 0, long? done = null)
    {
        await host.AddAsync(new FeedShard { Bucket = feed.Bucket, FeedId = feed.Id, Shard = shard, Head = head, Done = done ?? head });
        return new ShardKey(feed.Id, shard);
    }

    /// <summary>Adds a confirmed subscription and its cursor, and returns the id of both.</summary>
    public static async Task<long> SubscribeAsync(
        this LedgerHost host, ShardKey shard, long position = 0, Lane lane = Lane.Express, DateTimeOffset? dueAt = null)
    {
        var subscription = Subscription.Begin(shard.FeedId, Guid.NewGuid().ToByteArray(), "http://127.0.0.1/callback", Birth);
        subscription.Confirm(new SubscriptionTerms { Format = FeedFormat.Atom, Topic = [1] }, 1, null, Birth);
        await host.AddAsync(
            subscription,
            new DeliveryCursor
            {
                Bucket = subscription.Bucket,
                FeedId = shard.FeedId,
                Shard = shard.Shard,
                SubscriptionId = subscription.Id,
                Position = position,
                Lane = lane,
                DueAt = dueAt,
            });
        return subscription.Id;
    }

    /// <summary>Raises the feed's access version, as every change of a key or a grant does.</summary>
    public static Task BumpAccessAsync(this LedgerHost host, long feedId) => host.Writer.WriteAsync(
        context => context.Feeds.Where(feed => feed.Id == feedId)
            .ExecuteUpdateAsync(set => set.SetProperty(feed => feed.AccessVersion, feed => feed.AccessVersion + 1), LedgerHost.Token),
        LedgerHost.Token);

    public static NewUpdate Update(string? clientId = null, string kind = "geo", string? data = null) =>
        new() { Kind = kind, ClientId = clientId, Data = data };

    public static AppendRequest Request(this Feed feed, params NewUpdate[] updates) => new(feed.Id, feed.AccessVersion, updates);

    /// <summary>Appends one request through the group commit and expects that it is stored.</summary>
    public static async Task<AppendOutcome.Appended> AppendAsync(this LedgerHost host, Feed feed, params NewUpdate[] updates) =>
        (await host.Commit.AppendAsync(feed.Request(updates))).ShouldBeOfType<AppendOutcome.Appended>();

    public static Task<List<FeedUpdate>> ReadAllAsync(this LedgerHost host, long feedId) =>
        host.Log.ReadAfterAsync(new LogRange(feedId, 0, long.MaxValue, null, 100_000), LedgerHost.Token);

    public static async Task<FeedRow?> RowAsync(this LedgerHost host, long feedId) =>
        await host.Log.FindFeedsAsync([feedId], LedgerHost.Token) is [var row] ? row : null;

    public static async Task<FeedShard> MarkAsync(this LedgerHost host, ShardKey shard)
    {
        await using var context = host.Context();
        return await context.FeedShards.AsNoTracking()
            .SingleAsync(row => row.FeedId == shard.FeedId && row.Shard == shard.Shard, LedgerHost.Token);
    }

    public static async Task<DeliveryCursor> CursorAsync(this LedgerHost host, long subscriptionId)
    {
        await using var context = host.Context();
        return await context.Cursors.AsNoTracking().SingleAsync(cursor => cursor.SubscriptionId == subscriptionId, LedgerHost.Token);
    }

    /// <summary>Blocks every append to the feed until the returned object is disposed.</summary>
    public static async Task<IAsyncDisposable> HoldAppendsAsync(this LedgerHost host, Feed feed)
    {
        if (host.Store.ConnectionString is null)
        {
            return new HeldTurn(await host.Get<WriterQueue>().TakeAsync(WritePriority.Ingest, LedgerHost.Token));
        }

        var connection = await host.Store.ConnectAsync();
        await using var hold = new NpgsqlCommand("BEGIN; SELECT 1 FROM feeds WHERE id = @id FOR UPDATE", connection);
        hold.Parameters.AddWithValue("id", feed.Id);
        await hold.ExecuteNonQueryAsync(LedgerHost.Token);
        return connection;
    }

    private sealed class HeldTurn(WriterQueue.Ticket turn) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            turn.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
