using System.Text;
using System.Text.Json.Nodes;
using ActivityHub.Phones.Checking;
using ActivityHub.Phones.Listening;
using ActivityHub.Phones.Tests.Stubs;
using Shouldly;

namespace ActivityHub.Phones.Tests.Checking;

public sealed class SubscriptionCheckTests
{
    private static readonly ExpectedUpdates Source = new(["a", "b", "c", "d", "b"]);

    [Fact]
    public void All_once_and_in_order_is_right()
    {
        var check = Take(false, [1, 2], [3], [4]);

        check.Right.ShouldBeTrue();
        (check.Arrived, check.Posts, check.Repeats).ShouldBe((4, 3, 0));
    }

    [Fact]
    public void What_has_not_arrived_is_not_right_though_nothing_is_wrong_yet()
    {
        var check = Take(false, [1, 2]);

        (check.Right, check.Complete, check.DifferenceCount).ShouldBe((false, false, 0));
    }

    [Fact]
    public void A_repeat_is_a_difference()
    {
        var check = Take(false, [1, 2], [1, 2], [3, 4]);

        (check.Right, check.Repeats).ShouldBe((false, 2));
        check.Differences.ShouldHaveSingleItem().ShouldContain("#1 (a) arrived already");
    }

    [Fact]
    public void A_repeated_POST_is_counted_where_repeats_are_allowed_even_if_it_has_grown()
    {
        var check = Take(true, [1], [2, 3], [2, 3, 4]);

        (check.Right, check.Repeats).ShouldBe((true, 2));
    }

    [Fact]
    public void A_repeat_from_the_middle_of_a_POST_is_a_difference_even_where_repeats_are_allowed() =>
        Take(true, [1, 2, 3], [2, 3, 4]).Differences.ShouldHaveSingleItem().ShouldContain("not as the first of its POST");

    [Fact]
    public void A_gap_is_a_difference() =>
        Take(false, [1], [3, 4]).Differences[0].ShouldContain("#3 is number 3 of the source, but number 2 (b) is due");

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Another_order_of_POSTs_is_a_difference_with_or_without_repeats(bool allowRepeats)
    {
        var check = Take(allowRepeats, [3, 4], [1, 2]);

        check.Complete.ShouldBeTrue();
        check.Right.ShouldBeFalse();
    }

    [Fact]
    public void Ids_in_another_order_than_their_seqs_are_a_difference()
    {
        var check = new SubscriptionCheck("x", Source, false);
        check.Take(Post([Documents.Update(1, "b"), Documents.Update(2, "a"), Documents.Update(3, "c"), Documents.Update(4, "d")]));

        (check.Right, check.Complete).ShouldBe((false, true));
    }

    [Fact]
    public void An_unknown_id_is_a_difference()
    {
        var check = new SubscriptionCheck("x", Source, false);
        check.Take(Post([Documents.Update(1, "zzz")]));

        check.Differences.ShouldHaveSingleItem().ShouldContain("which the source does not hold");
    }

    [Theory]
    [InlineData(nameof(SignatureVerdict.Wrong))]
    [InlineData(nameof(SignatureVerdict.Missing))]
    public void What_is_wrongly_signed_does_not_count(string verdict)
    {
        var check = new SubscriptionCheck("x", Source, false);
        check.Take(Post([Documents.Update(1, "a")]) with { Signature = Enum.Parse<SignatureVerdict>(verdict) });

        (check.Arrived, check.WronglySigned, check.Right).ShouldBe((0, 1, false));
    }

    [Fact]
    public void A_source_without_updates_is_complete_from_the_start() =>
        new SubscriptionCheck("x", new ExpectedUpdates([]), false).Right.ShouldBeTrue();

    private static SubscriptionCheck Take(bool allowRepeats, params int[][] posts)
    {
        var check = new SubscriptionCheck("x", Source, allowRepeats);
        foreach (var post in posts)
        {
            check.Take(Post([.. post.Reverse().Select(number => Documents.Update(number, Source[number - 1]))]));
        }

        return check;
    }

    private static Delivery Post(JsonObject[] newestFirst) =>
        new(
            "application/atom+xml",
            Encoding.UTF8.GetBytes(Documents.Atom(newestFirst)),
            SignatureVerdict.Right,
            null,
            null,
            DateTimeOffset.UnixEpoch
        );
}
