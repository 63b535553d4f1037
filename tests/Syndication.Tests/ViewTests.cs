using ActivityHub.Ledger.Grants;
using ActivityHub.Ledger.Places;
using ActivityHub.Ledger.Updates;
using FsCheck.Xunit;
using Shouldly;
using Xunit;

namespace ActivityHub.Syndication.Tests;

public sealed class ViewTests
{
    private static readonly DateTimeOffset Noon = Samples.Noon;

    [Fact]
    public void The_owner_sees_everything_at_once()
    {
        var update = Samples.Update();

        var visibility = View.Of(update, Grant.OfOwner(Samples.FeedId), Noon);

        visibility.IsShown.ShouldBeTrue();
        visibility.Update.ShouldBeSameAs(update);
        visibility.IsHidden.ShouldBeFalse();
    }

    [Fact]
    public void The_default_is_hidden()
    {
        default(Visibility).IsHidden.ShouldBeTrue();
        default(Visibility).ShouldBe(Visibility.Hidden);
    }

    [Fact]
    public void Another_feeds_grant_shows_nothing() =>
        View.Of(Samples.Update(), Grant.OfOwner(Samples.FeedId + 1), Noon).IsHidden.ShouldBeTrue();

    [Fact]
    public void An_ended_grant_shows_nothing()
    {
        var grant = Samples.GrantOf(grant => grant.EndAt(Noon.AddHours(1)));

        View.Of(Samples.Update(), grant, Noon).IsShown.ShouldBeTrue();
        View.Of(Samples.Update(), grant, Noon.AddHours(1)).IsHidden.ShouldBeTrue();
    }

    [Theory]
    [InlineData("battery", true)]
    [InlineData("activity,battery,geo", true)]
    [InlineData("geo", false)]
    [InlineData("battery.low", false)]
    [InlineData("batter,attery", false)]
    [InlineData("", false)]
    public void A_grant_shows_the_kinds_that_it_names(string kinds, bool shown) =>
        View.Of(Samples.Update(), Samples.GrantOf(grant => grant.Limit(kinds, Precision.Exact)), Noon).IsShown.ShouldBe(shown);

    [Theory]
    [InlineData(-1, false)]
    [InlineData(0, true)]
    [InlineData(59, true)]
    [InlineData(60, false)]
    public void The_stretch_of_received_time_includes_its_beginning_and_not_its_end(int seconds, bool shown)
    {
        var update = new FeedUpdate { FeedId = Samples.FeedId, Kind = "geo", At = Noon.AddDays(-9), Received = Noon.AddSeconds(seconds) };

        View.Of(update, Samples.GrantOf(grant => grant.Show(Noon, Noon.AddSeconds(60))), Noon.AddDays(1)).IsShown.ShouldBe(shown);
    }

    [Fact]
    public void A_delayed_update_shows_when_its_delay_has_passed_and_not_a_tick_before()
    {
        var grant = Samples.GrantOf(grant => grant.Show(from: null, delaySeconds: 900));

        View.Of(Samples.Update(), grant, Noon).ShowsAt.ShouldBe(Noon.AddMinutes(15));
        View.Of(Samples.Update(), grant, Noon.AddMinutes(15).AddTicks(-1)).IsShown.ShouldBeFalse();
        View.Of(Samples.Update(), grant, Noon.AddMinutes(15).AddTicks(-1)).IsHidden.ShouldBeFalse();
        View.Of(Samples.Update(), grant, Noon.AddMinutes(15)).IsShown.ShouldBeTrue();
    }

    [Fact]
    public void What_is_hidden_for_good_does_not_wait_for_its_delay()
    {
        var grant = Samples.GrantOf(grant => grant.Show(from: Noon.AddHours(1), delaySeconds: 900));

        View.Of(Samples.Update(), grant, Noon).IsHidden.ShouldBeTrue();
        View.Of(Samples.Update(), Samples.GrantOf(other => other.Show(null, delaySeconds: 900)), "geo", Noon).IsHidden.ShouldBeTrue();
    }

    [Property(MaxTest = 500)]
    public void A_choice_of_kinds_only_takes_away(
        bool grantsAll, bool grantsBattery, bool choosesAll, bool choosesBattery, byte delay, byte passed)
    {
        var grant = Samples.GrantOf(grant =>
        {
            grant.Limit(grantsAll ? null : grantsBattery ? "battery,geo" : "geo", Precision.Exact);
            grant.Show(null, delaySeconds: delay);
        });
        var kinds = choosesAll ? null : choosesBattery ? "battery" : "geo";
        var now = Noon.AddSeconds(passed);

        var update = Samples.Update();

        var visibility = View.Of(update, grant, kinds, now);

        visibility.ShouldBe(choosesAll || choosesBattery ? View.Of(update, grant, now) : Visibility.Hidden);
        (visibility.IsShown ? 1 : 0).ShouldBe((grantsAll || grantsBattery) && (choosesAll || choosesBattery) && passed >= delay ? 1 : 0);
        new[] { visibility.IsShown, visibility.IsHidden, visibility.ShowsAt is not null }.Count(holds => holds).ShouldBe(1);
    }
}
