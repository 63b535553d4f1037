using ActivityHub.FeedApi.Access;
using ActivityHub.FeedApi.Limits;
using ActivityHub.FeedApi.Settings;
using ActivityHub.Ledger.Grants;
using ActivityHub.Ledger.Updates;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Shouldly;
using Xunit;

namespace ActivityHub.FeedApi.Tests.Limits;

public sealed class FeedLimitsTests
{
    [Fact]
    public void A_grant_uses_up_nothing_of_an_owners_even_where_their_numbers_are_the_same()
    {
        var options = Options.Create(new FeedLimitOptions { GrantBurst = 2, GrantPerMinute = 1 });
        var limits = new FeedLimits(options, new WrongKeys(options, TimeProvider.System), TimeProvider.System);
        var grant = Grant.Give(1, "of a stranger", null, DateTimeOffset.UnixEpoch);
        var strangers = new Opened(FeedRow.Missing(1), grant, IsPublic: false);
        var owners = new Opened(FeedRow.Missing(grant.Id), Grant.OfOwner(grant.Id), IsPublic: false);

        limits.TurnsAwayGrant(new DefaultHttpContext(), strangers).ShouldBeNull();
        limits.TurnsAwayGrant(new DefaultHttpContext(), strangers).ShouldBeNull();
        limits.TurnsAwayGrant(new DefaultHttpContext(), strangers).ShouldNotBeNull();

        limits.TurnsAwayGrant(new DefaultHttpContext(), owners).ShouldBeNull();
    }
}
