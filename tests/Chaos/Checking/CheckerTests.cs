using System.Security.Cryptography;
using System.Text;
using Shouldly;
using Xunit;

namespace ActivityHub.Chaos.Checking;

/// <summary>
/// Tests the checker itself: it must find each kind of fault, made by hand, and must accept correct deliveries. A checker that cannot fail
/// proves nothing.
/// </summary>
public sealed class CheckerTests
{
    private const string Secret = "a secret";

    private static readonly DateTimeOffset Start = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    private readonly FeedLog _log = new("feed");
    private readonly Disturbances _disturbances = new();
    private readonly List<Delivery> _deliveries = [];
    private DateTimeOffset _now = Start;
    private Promise _promise = Promise.Of("callback") with { Secret = Secret };

    public CheckerTests()
    {
        // u3 and u6 are of the kind battery, the others are of a sensor.
        for (var seq = 1; seq <= 6; seq++)
        {
            _log.Sent($"u{seq}", KindOf(seq));
        }

        for (var seq = 1; seq <= 6; seq++)
        {
            _log.Acknowledged($"u{seq}", seq);
        }

        _log.ReadBack(Enumerable.Range(1, 6).Select(seq => new LogEntry(seq, $"u{seq}", KindOf(seq))));
    }

    [Fact]
    public void What_came_once_in_order_and_signed_is_right()
    {
        Got(1).Got(2, 3).Got(4, 5, 6);

        Result().Faults.ShouldBeEmpty();
        Result().Posts.ShouldBe(3);
        Result().Repeats.ShouldBe(0);
        _log.Faults().ShouldBeEmpty();
    }

    [Fact]
    public void What_was_refused_may_come_again_alone_or_with_more()
    {
        Got(Verdict.Refused, 1).Got(Verdict.Refused, 1, 2, 3).Got(1).Got(2, 3, 4, 5, 6);

        Result().Faults.ShouldBeEmpty();
        Result().Repeats.ShouldBe(0);
    }

    [Fact]
    public void An_answer_that_was_perhaps_not_heard_allows_both()
    {
        Got(1).Got(Verdict.Unsure, 2, 3).Got(2, 3).Got(Verdict.Unsure, 4).Got(5, 6);

        Result().Faults.ShouldBeEmpty();
    }

    [Fact]
    public void What_was_accepted_just_before_a_crash_may_come_again()
    {
        Got(1, 2, 3).Got(4);
        Crash(_deliveries[^1].EndedAt.AddMilliseconds(40));
        Got(4, 5).Got(6);

        Result().Faults.ShouldBeEmpty();
        Result().Repeats.ShouldBe(1);
    }

    [Fact]
    public void A_repeat_long_after_a_crash_is_found()
    {
        Crash(Start);
        Got(1, 2, 3).Wait(10).Got(4).Wait(10).Got(4, 5, 6);

        Kinds().ShouldBe([FaultKind.Repeated]);
    }

    [Fact]
    public void A_crash_excuses_no_repeat_of_what_was_accepted_long_before()
    {
        Got(1, 2, 3).Wait(10).Got(4);
        Crash(_deliveries[^1].EndedAt);
        Got(2, 3, 4).Got(5, 6);

        Result().Faults.Select(fault => fault.Kind).ShouldBe([FaultKind.Repeated, FaultKind.Repeated]);
        Result().Repeats.ShouldBe(1);
    }

    [Fact]
    public void An_update_that_never_comes_is_found()
    {
        Got(1, 2, 3).Got(4, 5);

        Kinds().ShouldBe([FaultKind.Lost]);
    }

    [Fact]
    public void An_update_that_came_and_was_never_accepted_is_found()
    {
        Got(1, 2, 3, 4, 5).Got(Verdict.Refused, 6);

        Kinds().ShouldBe([FaultKind.Lost]);
    }

    [Fact]
    public void Silence_is_found() => Kinds().ShouldBe([FaultKind.Lost]);

    [Fact]
    public void A_subscription_that_ended_misses_nothing()
    {
        Got(1, 2);
        _promise = _promise with { SilentFrom = _deliveries[^1].At.AddSeconds(1) };

        Result().Faults.ShouldBeEmpty();
    }

    [Fact]
    public void A_post_after_the_end_is_found()
    {
        Got(1, 2);
        _promise = _promise with { SilentFrom = _deliveries[^1].At.AddSeconds(1) };
        Wait(2).Got(3);

        Kinds().ShouldBe([FaultKind.AfterTheEnd]);
    }

    [Fact]
    public void The_next_before_the_last_was_accepted_is_found()
    {
        Got(1).Got(Verdict.Refused, 2).Got(3).Got(2, 3, 4, 5, 6);

        Kinds().ShouldContain(FaultKind.WrongOrder);
    }

    [Fact]
    public void A_start_in_the_middle_is_found_even_if_the_rest_comes_later()
    {
        Got(Verdict.Refused, 2, 3).Got(1, 2, 3, 4, 5, 6);

        Kinds().ShouldBe([FaultKind.WrongOrder]);
    }

    [Theory]
    [InlineData(1, 3)]
    [InlineData(2, 1)]
    [InlineData(1, 1)]
    public void A_document_out_of_order_or_with_a_hole_is_found(int first, int second)
    {
        Got(Verdict.Refused, first, second).Got(1, 2, 3, 4, 5, 6);

        Kinds().ShouldContain(FaultKind.WrongOrder);
    }

    [Fact]
    public void Two_at_once_are_found()
    {
        Got(1, 2, 3);
        _deliveries[^1] = _deliveries[^1] with { EndedAt = _deliveries[^1].At.AddSeconds(5), Verdict = Verdict.Refused };
        Got(1, 2, 3).Got(4, 5, 6);

        Kinds().ShouldBe([FaultKind.TwoAtOnce]);
    }

    [Fact]
    public void Other_bytes_than_those_that_were_signed_are_found()
    {
        Got(1, 2, 3).Got(4, 5, 6);
        _deliveries[1] = _deliveries[1] with { Body = Encoding.UTF8.GetBytes("other bytes") };

        Kinds().ShouldBe([FaultKind.WrongSignature]);
    }

    [Fact]
    public void A_missing_signature_is_found()
    {
        Got(1, 2, 3, 4, 5, 6);
        _deliveries[0] = _deliveries[0] with { Signature = null };

        Kinds().ShouldBe([FaultKind.WrongSignature]);
    }

    [Fact]
    public void A_signature_without_a_secret_is_found()
    {
        Got(1, 2, 3, 4, 5, 6);
        _promise = _promise with { Secret = null };

        Kinds().ShouldBe([FaultKind.WrongSignature]);
    }

    [Fact]
    public void A_view_of_one_kind_sees_that_kind_alone()
    {
        _promise = _promise with { Kinds = ["battery"] };
        Got(3).Got(6);

        Result().Faults.ShouldBeEmpty();
    }

    [Fact]
    public void Another_kind_in_a_view_of_one_is_found()
    {
        _promise = _promise with { Kinds = ["battery"] };
        Got(3).Got(4).Got(6);

        Kinds().ShouldBe([FaultKind.Leaked]);
    }

    [Fact]
    public void What_is_older_than_the_view_is_found()
    {
        _promise = Promise.Of("callback", after: 4) with { Secret = Secret };
        Got(4).Got(5, 6);

        Kinds().ShouldBe([FaultKind.Leaked]);
    }

    [Fact]
    public void One_that_began_while_phones_were_writing_may_begin_anywhere_in_between_and_nowhere_else()
    {
        _promise = _promise with { After = 1, AtLatestAfter = 4 };
        Got(4, 5, 6);
        Result().Faults.ShouldBeEmpty();

        _deliveries.Clear();
        Got(6);
        Kinds().ShouldBe([FaultKind.WrongOrder, FaultKind.Lost]);
    }

    [Fact]
    public void A_number_in_a_view_that_hides_something_is_found()
    {
        _promise = _promise with { Numbered = false };
        Got(1, 2, 3, 4, 5, 6);

        Kinds().ShouldBe([FaultKind.OtherId]);
    }

    [Fact]
    public void Another_number_than_that_of_the_log_is_found()
    {
        Got(1, 2, 3, 4, 5, 6);
        _deliveries[0] = _deliveries[0] with
        {
            Updates = [.. _deliveries[0].Updates.Select(
            update => update.Id == "u2" ? update with { Seq = 7 } : update)]
        };

        Kinds().ShouldBe([FaultKind.OtherId]);
    }

    [Fact]
    public void What_a_document_repeats_of_the_feed_must_be_in_the_log_and_in_the_view()
    {
        _promise = Promise.Of("callback", after: 3) with { Secret = Secret, Kinds = ["battery"] };
        Got(6);
        _deliveries[0] = _deliveries[0] with { Older = [new DeliveredUpdate("u3", "battery", 3)] };
        Result().Faults.ShouldBeEmpty();

        _deliveries[0] = _deliveries[0] with { Older = [new DeliveredUpdate("u2", "sensor", 2)] };
        Kinds().ShouldBe([FaultKind.Leaked]);

        _deliveries[0] = _deliveries[0] with { Older = [new DeliveredUpdate("u3", "battery", 4)] };
        Kinds().ShouldBe([FaultKind.OtherId]);

        _deliveries[0] = _deliveries[0] with { Older = [new DeliveredUpdate("u0", "battery", 3)] };
        Kinds().ShouldBe([FaultKind.NeverSent]);
    }

    [Fact]
    public void What_nobody_sent_is_found()
    {
        Got(1, 2, 3, 4, 5, 6).Got(7);

        Kinds().ShouldBe([FaultKind.NeverSent]);
    }

    [Fact]
    public void A_gap_where_nothing_was_removed_is_found()
    {
        Got(1, 2, 3, 4, 5, 6);
        _deliveries[0] = _deliveries[0] with { HasGap = true };

        Kinds().ShouldBe([FaultKind.Gap]);
    }

    [Fact]
    public void An_acknowledged_update_that_the_log_has_not_is_found()
    {
        _log.Sent("u7", "sensor");
        _log.Acknowledged("u7", 7);

        _log.Faults().ShouldHaveSingleItem().Kind.ShouldBe(FaultKind.Lost);
    }

    [Fact]
    public void An_update_that_was_sent_and_not_acknowledged_may_be_in_the_log_or_not()
    {
        _log.Sent("u7", "sensor");
        _log.Faults().ShouldBeEmpty();

        _log.ReadBack([.. _log.Entries, new LogEntry(7, "u7", "sensor")]);
        _log.Faults().ShouldBeEmpty();
    }

    [Fact]
    public void A_log_that_holds_what_nobody_sent_is_found()
    {
        _log.ReadBack([.. _log.Entries, new LogEntry(7, "u7", "sensor")]);

        _log.Faults().ShouldHaveSingleItem().Kind.ShouldBe(FaultKind.NeverSent);
    }

    [Fact]
    public void A_log_that_holds_one_update_twice_is_found()
    {
        _log.ReadBack([.. _log.Entries, new LogEntry(7, "u6", "battery")]);

        _log.Faults().Select(fault => fault.Kind).ShouldContain(FaultKind.OtherId);
    }

    [Fact]
    public void A_log_with_a_hole_is_found()
    {
        _log.ReadBack(_log.Entries.Where(entry => entry.Seq != 4));

        _log.Faults().Select(fault => fault.Kind).ShouldBe([FaultKind.WrongOrder, FaultKind.Lost]);
    }

    [Fact]
    public void An_update_that_was_acknowledged_under_another_number_is_found()
    {
        _log.Acknowledged("u6", 5);

        _log.Faults().Select(fault => fault.Kind).Distinct().ShouldBe([FaultKind.OtherId]);
    }

    private static string KindOf(int seq) => seq % 3 == 0 ? "battery" : "sensor";

    private CheckerTests Got(params int[] seqs) => Got(Verdict.Accepted, seqs);

    private CheckerTests Got(Verdict verdict, params int[] seqs)
    {
        _now += TimeSpan.FromMilliseconds(10);
        var at = _now;
        var body = Encoding.UTF8.GetBytes("{}");
        _deliveries.Add(new Delivery(
            at, at.AddMilliseconds(5), verdict, body,
            "sha256=" + Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secret), body)),
            HasGap: false, [.. seqs.Select(seq => new DeliveredUpdate($"u{seq}", KindOf(seq), seq))], []));
        return this;
    }

    private void Crash(DateTimeOffset at) => _disturbances.Add(at, at);

    private CheckerTests Wait(int seconds)
    {
        _now += TimeSpan.FromSeconds(seconds);
        return this;
    }

    private CheckResult Result() => Checker.Check(_promise, _log, _deliveries, _disturbances);

    private IReadOnlyList<FaultKind> Kinds() => [.. Result().Faults.Select(fault => fault.Kind).Distinct()];
}
