using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Ledger.Updates;
using Shouldly;
using Xunit;

namespace ActivityHub.Ledger.Tests.Subscriptions;

/// <summary>Tests the transitions of docs/states.md, and that no others are possible.</summary>
public sealed class SubscriptionLifeTests
{
    private static readonly DateTimeOffset Now = LedgerRows.Birth;

    private static readonly SubscriptionTerms Terms = new() { Format = FeedFormat.Json, Topic = [1], Secret = [2] };

    public static TheoryData<SubscriptionState> Ends =>
        [SubscriptionState.Expired, SubscriptionState.Unsubscribed, SubscriptionState.Gone, SubscriptionState.Denied,
            SubscriptionState.Broken];

    [Fact]
    public void Nothing_is_confirmed_at_birth()
    {
        var born = Born();

        (born.State, born.AppliedRequest, born.ConfirmedAt).ShouldBe((SubscriptionState.Pending, 0, DateTimeOffset.UnixEpoch));
    }

    [Fact]
    public void A_webhook_waits_and_is_active_once_confirmed()
    {
        var row = Born();
        row.Propose(Terms);

        (row.State, row.IsWebhook, row.Secret).ShouldBe((SubscriptionState.Pending, true, Terms.Secret));
        row.Confirm(Terms, 1, leaseUntil: null, Now);
        (row.State, row.IsWebhook, row.ConfirmedAt).ShouldBe((SubscriptionState.Active, true, Now));
    }

    [Fact]
    public void Proposing_changes_nothing_of_what_is_active()
    {
        var row = Active();

        row.Propose(Terms with { Secret = [9], Delta = true });

        (row.State, row.IsWebhook, row.Delta).ShouldBe((SubscriptionState.Active, false, false));
        row.Secret.ShouldBe(Terms.Secret);
    }

    [Theory, MemberData(nameof(Ends))]
    public void What_is_active_or_waits_ends_for_good_and_its_secrets_go(SubscriptionState end)
    {
        var waiting = Born();
        waiting.Propose(Terms);
        foreach (var row in new[] { Active(), waiting })
        {
            row.End(end, Now.AddHours(1), 5);
            row.End(SubscriptionState.Denied, Now.AddHours(2));

            (row.State, row.EndedAt, row.AppliedRequest, row.Secret).ShouldBe((end, Now.AddHours(1), 5, null));
            row.Topic.ShouldBeEmpty();
        }
    }

    // A POST from before the end may still be on the way, so the time of the end is kept until the next activation.
    [Theory, MemberData(nameof(Ends))]
    public void What_has_ended_can_be_proposed_and_confirmed_again(SubscriptionState end)
    {
        var row = Active();
        row.End(end, Now.AddHours(1));

        row.Propose(Terms);
        (row.State, row.EndedAt, row.IsWebhook).ShouldBe((SubscriptionState.Pending, Now.AddHours(1), true));
        row.Confirm(Terms, 2, null, Now.AddHours(2));
        (row.State, row.EndedAt).ShouldBe((SubscriptionState.Active, null));
    }

    [Fact]
    public void No_request_is_applied_twice_or_out_of_order()
    {
        var row = Active();

        Should.Throw<InvalidOperationException>(() => row.Confirm(Terms, 1, null, Now));
    }

    [Theory]
    [InlineData(SubscriptionState.Active)]
    [InlineData(SubscriptionState.Pending)]
    public void What_is_no_end_ends_nothing(SubscriptionState state) => Should.Throw<ArgumentException>(() => Active().End(state, Now));

    private static Subscription Born() => Subscription.Begin(OpaqueId.New(), [1], "http://127.0.0.1/", Now);

    private static Subscription Active()
    {
        var row = Born();
        row.Confirm(Terms, 1, Now.AddDays(1), Now);
        return row;
    }
}
