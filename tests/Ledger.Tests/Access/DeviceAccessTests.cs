using ActivityHub.Ledger.Access;
using ActivityHub.Ledger.Devices;
using ActivityHub.Ledger.Keys;
using ActivityHub.Ledger.Updates;
using ActivityHub.TestKit;
using Microsoft.EntityFrameworkCore;
using Shouldly;
using Xunit;
using static ActivityHub.Ledger.Tests.LedgerRows;
using Device = ActivityHub.Ledger.Devices.Device;

namespace ActivityHub.Ledger.Tests.Access;

public class DeviceAccessTests
{
    [Theory, BothDatabases]
    public async Task A_device_key_and_its_ingest_key_open_its_feed_alone(Database database)
    {
        await using var host = await LedgerHost.StartAsync(database);
        var (key, device, feed) = await JoinAsync(host);
        await JoinAsync(host);
        var access = host.Get<DeviceAccess>();

        foreach (var good in new[] { key.Text, device.IngestKey(host.Get<RootKey>()) })
        {
            (await access.FindAsync(good, fresh: false, LedgerHost.Token)).ShouldBe(new WriteDecision(device.Id, feed.Id, 1));
            (await access.FindAsync(good, fresh: false, LedgerHost.Token)).ShouldBe(new WriteDecision(device.Id, feed.Id, 1));
        }

        foreach (var bad in new[] { "", AccessKey.NewDevice().Text, key.Text + "x", key.Text[..^1], new string('k', 500),
            host.Get<RootKey>().IngestKey(device.Id, 2) })
        {
            (await access.FindAsync(bad, fresh: false, LedgerHost.Token)).ShouldBeNull();
        }
    }

    [Theory, BothDatabases]
    public async Task A_changed_key_appends_nothing_although_its_decision_is_remembered(Database database)
    {
        await using var host = await LedgerHost.StartAsync(database);
        var (old, device, feed) = await JoinAsync(host);
        var oldIngest = device.IngestKey(host.Get<RootKey>());
        var access = host.Get<DeviceAccess>();
        await access.FindAsync(old.Text, fresh: false, LedgerHost.Token);
        await access.FindAsync(oldIngest, fresh: false, LedgerHost.Token);

        var next = AccessKey.NewDevice();
        await host.Writer.WriteAsync(
            async context =>
            {
                var row = await context.Devices.SingleAsync(found => found.Id == device.Id);
                row.ChangeKey(next, host.Get<RootKey>());
                await context.SaveChangesAsync();
                await context.Feeds.Where(found => found.Id == feed.Id)
                    .ExecuteUpdateAsync(set => set.SetProperty(found => found.AccessVersion, found => found.AccessVersion + 1));
            },
            LedgerHost.Token);

        foreach (var revoked in new[] { old.Text, oldIngest })
        {
            var remembered = (await access.FindAsync(revoked, fresh: false, LedgerHost.Token)).ShouldNotBeNull();
            (await host.Commit.AppendAsync(new AppendRequest(feed.Id, remembered.AccessVersion, [Update()])))
                .ShouldBeOfType<AppendOutcome.AccessChanged>();
            (await access.FindAsync(revoked, fresh: true, LedgerHost.Token)).ShouldBeNull();
            (await access.FindAsync(revoked, fresh: false, LedgerHost.Token)).ShouldBeNull();
        }

        var decision = (await access.FindAsync(next.Text, fresh: false, LedgerHost.Token)).ShouldNotBeNull();
        (await host.Commit.AppendAsync(new AppendRequest(feed.Id, decision.AccessVersion, [Update()])))
            .ShouldBeOfType<AppendOutcome.Appended>();
        (await host.ReadAllAsync(feed.Id)).Count.ShouldBe(1);
    }

    [Theory, BothDatabases]
    public async Task A_key_that_still_holds_under_another_version_appends_after_asking_again(Database database)
    {
        await using var host = await LedgerHost.StartAsync(database);
        var (key, device, feed) = await JoinAsync(host);
        var access = host.Get<DeviceAccess>();
        await access.FindAsync(key.Text, fresh: false, LedgerHost.Token);
        await host.BumpAccessAsync(feed.Id);

        (await access.FindAsync(key.Text, fresh: true, LedgerHost.Token)).ShouldBe(new WriteDecision(device.Id, feed.Id, 2));
        (await access.FindAsync(key.Text, fresh: false, LedgerHost.Token)).ShouldBe(new WriteDecision(device.Id, feed.Id, 2));
    }

    private static async Task<(AccessKey Key, Device Device, Feed Feed)> JoinAsync(LedgerHost host)
    {
        var feed = await host.OpenFeedAsync();
        var key = AccessKey.NewDevice();
        var device = Device.Join(feed.AccountId, feed.Id, "A phone", key, host.Get<RootKey>(), Birth);
        await host.AddAsync(device);
        return (key, device, feed);
    }
}
