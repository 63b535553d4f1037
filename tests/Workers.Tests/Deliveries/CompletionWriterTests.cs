using System.Diagnostics.Metrics;
using ActivityHub.Ledger;
using ActivityHub.Ledger.Keys;
using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Ledger.Updates;
using ActivityHub.TestKit;
using ActivityHub.Workers.Deliveries;
using ActivityHub.Workers.Outbound;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Shouldly;
using Xunit;

namespace ActivityHub.Workers.Tests.Deliveries;

// docs/architecture.md, Rules of delivery: cursors and attempts are written in batches, at most 50 ms or 500 POSTs late; the fencing token
// decides which changes count.
public sealed class CompletionWriterTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory, BothDatabases]
    public async Task A_change_under_a_lost_lease_does_not_stand_for_the_holders(Database database)
    {
        await using var rows = await Rows.LayAsync(database);

        // All changes go in one batch: the queue is filled before the writer starts. The stale change comes last.
        var held = rows.Writer.ChangeAsync(rows.Change(7, rows.LeaseId, 204), rows.Attempt());
        var again = rows.Writer.ChangeAsync(rows.Change(9, rows.LeaseId, null), rows.Attempt());
        var stale = rows.Writer.ChangeAsync(rows.Change(3, rows.LeaseId + 1, 500));
        await rows.Writer.StartAsync(Cancel);

        (await held).ShouldBeTrue();
        (await again).ShouldBeTrue();
        (await stale).ShouldBeFalse();
        var cursor = await rows.Stage.ReadAsync(context => context.Cursors.SingleAsync(Cancel));
        cursor.Position.ShouldBe(9);
        // The last change has no status, so the status of the one before it is kept.
        cursor.LastStatus.ShouldBe((short)204);
        (await rows.Stage.ReadAsync(context => context.Attempts.CountAsync(Cancel))).ShouldBe(2);
        rows.Writer.IsBehind.ShouldBeFalse();
    }

    [Theory, BothDatabases]
    public async Task What_the_database_will_not_take_of_an_attempt_does_not_keep_the_cursor(Database database)
    {
        await using var rows = await Rows.LayAsync(database);
        var attempt = rows.Attempt();
        var repeated = rows.Attempt(attempt.Id);
        var impossible = rows.Attempt(answer: "a NUL \0 that PostgreSQL has no room for");

        var first = rows.Writer.ChangeAsync(rows.Change(4, rows.LeaseId, 204), attempt);
        await rows.Writer.StartAsync(Cancel);
        (await first).ShouldBeTrue();
        // The answer to a commit can be lost; then the same attempt is written again.
        (await rows.Writer.ChangeAsync(rows.Change(5, rows.LeaseId, 204), repeated)).ShouldBeTrue();
        (await rows.Writer.ChangeAsync(rows.Change(6, rows.LeaseId, 204), impossible)).ShouldBeTrue();

        (await rows.Stage.ReadAsync(context => context.Cursors.SingleAsync(Cancel))).Position.ShouldBe(6);
    }

    /// <summary>A leased shard and one express cursor, on a hub without workers.</summary>
    private sealed class Rows(Stage stage, CompletionWriter writer, Subscription subscription, long leaseId) : IAsyncDisposable
    {
        public Stage Stage => stage;

        public CompletionWriter Writer => writer;

        public long LeaseId => leaseId;

        private ShardKey Key => new(stage.FeedId, 0);

        public static async Task<Rows> LayAsync(Database database)
        {
            var stage = await Stage.SetAsync(database, options => options.Settings["Roles"] = "hub,feeds");
            var now = TimeProvider.System.GetUtcNow();
            var bucket = OpaqueId.BucketOf(stage.FeedId);
            var subscription = Subscription.Begin(stage.FeedId, [1, 2, 3], "http://127.0.0.1/", now);
            var box = stage.Hub.Services.GetRequiredService<SecretBox>();
            subscription.Confirm(new SubscriptionTerms { Format = FeedFormat.Atom, Topic = box.Seal("topic") }, 1, null, now);
            await stage.WriteAsync(context =>
            {
                context.Add(subscription);
                context.Add(new FeedShard { Bucket = bucket, FeedId = stage.FeedId, Head = 10, Done = 2, DueAt = now });
                context.Add(new DeliveryCursor { Bucket = bucket, FeedId = stage.FeedId, SubscriptionId = subscription.Id, Position = 2 });
                return context.SaveChangesAsync(Cancel);
            });
            var deliveries = stage.Hub.Services.GetRequiredService<IDeliveryLedger>();
            var shard = (await deliveries.ClaimShardsAsync([stage.FeedId], 16, TimeSpan.FromMinutes(1), Cancel)).ShouldHaveSingleItem();
            return new Rows(
                stage,
                new CompletionWriter(
                    deliveries, new DeliveryMetrics(stage.Hub.Services.GetRequiredService<IMeterFactory>()),
                    NullLogger<CompletionWriter>.Instance), subscription, shard.LeaseId);
        }

        public CursorChange Change(long position, long lease, short? status) => new()
        {
            Key = Key,
            SubscriptionId = subscription.Id,
            LeaseId = lease,
            From = Lane.Express,
            To = Lane.Express,
            Position = position,
            LastStatus = status,
        };

        public Attempt Attempt(Guid? id = null, string? answer = null) => new()
        {
            Bucket = OpaqueId.BucketOf(stage.FeedId),
            FeedId = stage.FeedId,
            SubscriptionId = subscription.Id,
            Id = id ?? Guid.CreateVersion7(),
            At = TimeProvider.System.GetUtcNow(),
            FromSeq = 3,
            ToSeq = 4,
            Status = 204,
            Answer = answer,
        };

        public async ValueTask DisposeAsync()
        {
            await writer.StopAsync(Cancel);
            writer.Dispose();
            await stage.DisposeAsync();
        }
    }
}
