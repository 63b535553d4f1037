using ActivityHub.Ledger.Access;
using ActivityHub.Ledger.Accounts;
using ActivityHub.Ledger.Grants;
using ActivityHub.Ledger.Keys;
using ActivityHub.Ledger.Places;
using ActivityHub.Ledger.Updates;
using ActivityHub.TestKit;
using Microsoft.EntityFrameworkCore;
using Shouldly;
using Xunit;
using static ActivityHub.Ledger.Tests.LedgerRows;
using Grant = ActivityHub.Ledger.Grants.Grant;

namespace ActivityHub.Ledger.Tests.Access;

public class FeedAccessTests
{
    [Theory, BothDatabases]
    public async Task A_reader_key_opens_its_own_feed_alone_and_no_key_opens_nothing(Database database)
    {
        await using var host = await LedgerHost.StartAsync(database);
        var (feed, other) = (await host.OpenFeedAsync(), await host.OpenFeedAsync());
        var (key, otherKey) = (AccessKey.NewReader(), AccessKey.NewReader());
        var grant = Grant.Give(feed.Id, "a friend", key, Birth);
        await host.AddAsync(grant, Grant.Give(other.Id, "somebody", otherKey, Birth));

        (await FindAsync(host, feed, key.Text)).ShouldNotBeNull().Id.ShouldBe(grant.Id);
        (await FindAsync(host, feed, otherKey.Text)).ShouldBeNull();
        (await FindAsync(host, other, key.Text)).ShouldBeNull();
        (await FindAsync(host, feed, null)).ShouldBeNull();
        (await FindAsync(host, feed, "")).ShouldBeNull();
        (await FindAsync(host, feed, new string('x', 1000))).ShouldBeNull();
    }

    [Theory, BothDatabases]
    public async Task A_public_grant_needs_no_key_and_a_wrong_key_is_not_the_same_as_none(Database database)
    {
        await using var host = await LedgerHost.StartAsync(database);
        var feed = await host.OpenFeedAsync();
        var open = Grant.Give(feed.Id, "everybody", null, Birth);
        await host.AddAsync(open);

        (await FindAsync(host, feed, null)).ShouldNotBeNull().Id.ShouldBe(open.Id);
        (await FindAsync(host, feed, AccessKey.NewReader().Text)).ShouldBeNull();
    }

    [Theory, BothDatabases]
    public async Task A_grant_ends_at_its_until(Database database)
    {
        await using var host = await LedgerHost.StartAsync(database);
        var feed = await host.OpenFeedAsync();
        var key = AccessKey.NewReader();
        var grant = Grant.Give(feed.Id, "until noon", key, Birth);
        grant.EndAt(Birth.AddHours(4));
        await host.AddAsync(grant);

        (await FindAsync(host, feed, key.Text, Birth.AddHours(4).AddTicks(-10))).ShouldNotBeNull();
        (await FindAsync(host, feed, key.Text, Birth.AddHours(4))).ShouldBeNull();
        var row = (await host.RowAsync(feed.Id))!;
        (await host.Get<FeedAccess>().FindAsync(row, grant.Id, Birth, LedgerHost.Token)).ShouldNotBeNull();
        (await host.Get<FeedAccess>().FindAsync(row, grant.Id, Birth.AddHours(4), LedgerHost.Token)).ShouldBeNull();
    }

    [Theory, BothDatabases]
    public async Task The_owners_token_sees_everything_and_another_owners_nothing(Database database)
    {
        await using var host = await LedgerHost.StartAsync(database);
        var (owner, stranger) = (Account.SignUp("o@example.org", "-", false, Birth), Account.SignUp("s@example.org", "-", false, Birth));
        var (token, strange) = (AccessKey.NewToken(), AccessKey.NewToken());
        await host.AddAsync(owner, stranger, AccountToken.For(owner, token, Birth), AccountToken.For(stranger, strange, Birth));
        var feed = await host.OpenFeedAsync(owner.Id);

        var grant = (await FindAsync(host, feed, token.Text)).ShouldNotBeNull();
        (grant.Id, grant.HidesNothing).ShouldBe((0, true));
        (await FindAsync(host, feed, strange.Text)).ShouldBeNull();
        (await FindAsync(host, feed, AccessKey.NewToken().Text)).ShouldBeNull();
    }

    [Theory, BothDatabases]
    public async Task A_revoked_grant_opens_nothing_although_it_is_remembered(Database database)
    {
        await using var host = await LedgerHost.StartAsync(database);
        var feed = await host.OpenFeedAsync();
        var key = AccessKey.NewReader();
        await host.AddAsync(Grant.Give(feed.Id, "a friend", key, Birth));
        (await FindAsync(host, feed, key.Text)).ShouldNotBeNull();

        await host.Writer.WriteAsync(
            context => context.Grants.Where(grant => grant.FeedId == feed.Id).ExecuteDeleteAsync(LedgerHost.Token), LedgerHost.Token);
        await host.BumpAccessAsync(feed.Id);

        (await FindAsync(host, feed, key.Text)).ShouldBeNull();
    }

    [Theory, BothDatabases]
    public async Task A_grant_comes_back_as_it_was_given(Database database)
    {
        await using var host = await LedgerHost.StartAsync(database);
        var feed = await host.OpenFeedAsync();
        var key = AccessKey.NewReader();
        var grant = Grant.Give(feed.Id, "a friend", key, Birth);
        grant.Show(Birth.AddDays(-1), Birth.AddDays(1), 60);
        grant.Limit("battery,geo", Precision.Kilometre);
        grant.Allow(GrantRights.Read);
        await host.AddAsync(grant);

        (await FindAsync(host, feed, key.Text)).ShouldBeEquivalentTo(grant);
    }

    private static async Task<Grant?> FindAsync(LedgerHost host, Feed feed, string? key, DateTimeOffset? now = null) =>
        await host.Get<FeedAccess>().FindAsync((await host.RowAsync(feed.Id))!, key, now ?? Birth, LedgerHost.Token);
}
