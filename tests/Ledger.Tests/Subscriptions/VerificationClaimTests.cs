using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Ledger.Updates;
using ActivityHub.TestKit;
using Microsoft.EntityFrameworkCore;
using Shouldly;
using Xunit;
using static ActivityHub.Ledger.Tests.LedgerRows;

namespace ActivityHub.Ledger.Tests.Subscriptions;

public class VerificationClaimTests
{
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(1);

    [Theory, BothDatabases]
    public async Task A_verification_is_claimed_once_it_is_due_by_one_and_counted(Database database)
    {
        await using var host = await LedgerHost.StartAsync(database);
        var (first, second) = (Ask(Birth), Ask(Birth.AddSeconds(1)));
        await host.AddAsync(first, second, Ask(Birth.AddSeconds(3)));
        var now = Birth.AddSeconds(2);

        var one = (await ClaimAsync(1, TimeSpan.FromMilliseconds(30))).ShouldHaveSingleItem();
        (one.FeedId, one.Id).ShouldBe((first.FeedId, first.Id));

        List<(long FeedId, long Id, long LeaseId)> rest = [];
        await Eventually.ShouldAsync(async () =>
        {
            rest.AddRange(await ClaimAsync(10, Lease));
            return rest.Count == 2;
        });
        rest.Select(claim => claim.Id).ShouldBe([first.Id, second.Id], ignoreOrder: true);
        rest.ShouldAllBe(claim => claim.LeaseId != one.LeaseId);
        (await ClaimAsync(10, Lease)).ShouldBeEmpty();

        await using var context = host.Context();
        var row = await context.Verifications.AsNoTracking().SingleAsync(verification => verification.Id == first.Id, LedgerHost.Token);
        (row.Tries, row.LeaseId).ShouldBe((2, rest.Single(claim => claim.Id == first.Id).LeaseId));

        Task<List<(long FeedId, long Id, long LeaseId)>> ClaimAsync(int limit, TimeSpan lease) =>
            host.Deliveries.ClaimVerificationsAsync(limit, lease, now, LedgerHost.Token);
    }

    [Theory, BothDatabases]
    public async Task Two_requests_of_one_identity_never_get_one_number(Database database)
    {
        await using var host = await LedgerHost.StartAsync(database);
        var first = Ask(Birth);
        await host.AddAsync(first);

        await Should.ThrowAsync<DbUpdateException>(() => host.AddAsync(
            Verification.Of(VerificationMode.Unsubscribe, first.FeedId, first.Identity, first.Number, first.Callback, first.Terms, Birth)));
    }

    private static Verification Ask(DateTimeOffset due) => Verification.Of(
        VerificationMode.Subscribe, OpaqueId.New(), Guid.NewGuid().ToByteArray(), 1, "http://127.0.0.1/callback",
        new SubscriptionTerms { Format = FeedFormat.Json, Topic = [1] }, due);
}
