using ActivityHub.Ledger.Places;
using ActivityHub.Ledger.Updates;
using FsCheck.Xunit;
using Shouldly;
using Xunit;

namespace ActivityHub.Ledger.Tests.Updates;

/// <summary>Tests which places are merged into the last stored one: 100 m, ten minutes.</summary>
public sealed class ThinningTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 23, 8, 0, 0, TimeSpan.Zero);
    private static readonly ThinningRule Rule = new(100, TimeSpan.FromMinutes(10));

    private ThinnedPlace? _state;

    [Fact]
    public void What_is_near_in_place_and_time_is_merged_and_the_next_that_is_stored_says_how_many()
    {
        Pass(0, 0).ShouldBe(Thinned.Kept);
        Pass(1, 50).ShouldBe(Thinned.Merged);
        Pass(2, 99).ShouldBe(Thinned.Merged);

        Pass(3, 150, out var stored).ShouldBe(Thinned.Kept);

        stored!.Data.ShouldBe("""{"merged":2}""");
        _state!.Merged.ShouldBe(0);
        _state.MergedInAll.ShouldBe(2);
    }

    [Fact]
    public void A_phone_that_stays_is_stored_again_once_the_minutes_are_over()
    {
        int[] kept = [.. Enumerable.Range(0, 31).Where(minute => Pass(minute, 0) == Thinned.Kept)];

        kept.ShouldBe([0, 11, 22]);
    }

    [Fact]
    public void What_it_is_measured_against_is_the_stored_one_so_that_a_slow_walk_is_not_swallowed()
    {
        int[] kept = [.. Enumerable.Range(0, 9).Where(step => Pass(step, step * 60) == Thinned.Kept)];

        kept.ShouldBe([0, 2, 4, 6, 8]);
    }

    [Theory]
    [InlineData("At the door", null)]
    [InlineData(null, """{"event":"entered","place":"Home"}""")]
    public void What_says_more_than_where_is_stored(string? title, string? data)
    {
        Pass(0, 0);
        Pass(1, 0);

        Pass(2, 0, out var stored, title, data).ShouldBe(Thinned.Kept);

        stored!.Data!.ShouldContain("\"merged\":1");
    }

    [Theory]
    [InlineData("{}", """{"merged":1}""")]
    [InlineData(""" { "a" : "ä" }""", """{"merged":1,"a" : "ä" }""")]
    [InlineData("""{"merged":"mine"}""", """{"merged":"mine"}""")]
    public void The_count_is_put_before_what_the_phone_wrote(string data, string expected)
    {
        Pass(0, 0);
        Pass(1, 0);

        Pass(2, 500, out var stored, null, data);

        stored!.Data.ShouldBe(expected);
    }

    [Fact]
    public void What_was_merged_and_comes_again_is_not_counted_again()
    {
        Pass(0, 0);
        Pass(1, 0);
        Pass(2, 0);

        Pass(1, 0).ShouldBe(Thinned.Repeat);
        Pass(2, 0).ShouldBe(Thinned.Repeat);
        Pass(3, 0).ShouldBe(Thinned.Merged);

        _state!.Merged.ShouldBe(3);
    }

    [Fact]
    public void What_is_late_and_elsewhere_is_stored_and_changes_nothing_for_what_is_to_come()
    {
        Pass(60, 0);
        var before = _state;

        Pass(20, 5_000).ShouldBe(Thinned.Kept);

        _state.ShouldBeSameAs(before);
        Pass(61, 0).ShouldBe(Thinned.Merged);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(20 * 60)]
    [InlineData(365 * 24 * 60)]
    public void One_wrong_clock_decides_nothing(int minutesAhead)
    {
        Pass(0, 0);
        var before = _state;

        Pass(1 + minutesAhead, 5_000, out _, received: Start.AddMinutes(1)).ShouldBe(Thinned.Kept);

        _state.ShouldBeSameAs(before);
        Pass(2, 10).ShouldBe(Thinned.Merged);
        Pass(3, 500).ShouldBe(Thinned.Kept);
        Pass(4, 510).ShouldBe(Thinned.Merged);
    }

    [Fact]
    public void A_state_that_a_wrong_clock_has_left_is_replaced_by_the_next_place()
    {
        _state = new ThinnedPlace
        {
            FeedId = 1,
            Lat = 48,
            Lon = 2,
            At = Start.AddHours(20),
            MergedUpTo = Start.AddHours(20),
            Merged = 3,
            MergedInAll = 3
        };

        Pass(0, 0, out var stored, received: Start).ShouldBe(Thinned.Kept);

        stored!.Data.ShouldBe("{\"merged\":3}");
        _state!.At.ShouldBe(Start);
        Pass(1, 0).ShouldBe(Thinned.Merged);
    }

    [Fact]
    public void Other_kinds_and_geo_without_a_place_are_none_of_its_business()
    {
        Pass(0, 0);
        var thinning = new Thinning(1, Rule, _state, Start.AddDays(1));

        foreach (var update in (NewUpdate[])[new() { Kind = Kind.Geo }, new() { Kind = Kind.Battery, Location = At(0) }])
        {
            thinning.Pass(update, Start.AddMinutes(1), out var thinned).ShouldBeSameAs(update);
            thinned.ShouldBe(Thinned.Kept);
        }

        thinning.HasChanged.ShouldBeFalse();
    }

    [Fact]
    public void Those_that_name_no_time_are_each_one_of_their_own()
    {
        var thinning = new Thinning(1, Rule, null, Start);

        for (var i = 0; i < 3; i++)
        {
            thinning.Pass(new NewUpdate { Kind = Kind.Geo, Location = At(0) }, Start, out _);
        }

        thinning.State!.Merged.ShouldBe(2);
    }

    [Property(MaxTest = 500)]
    public void However_a_phone_moves_whatever_it_sent_is_stored_or_counted(byte[] steps)
    {
        _state = null;
        var (kept, said) = (0, 0L);
        for (var i = 0; i < steps.Length; i++)
        {
            if (Pass(i, steps[i] * 10, out var stored) == Thinned.Kept)
            {
                kept++;
                said += stored!.Data is { } data ? long.Parse(data[10..^1], System.Globalization.CultureInfo.InvariantCulture) : 0;
            }
        }

        (kept + (_state?.MergedInAll ?? 0)).ShouldBe(steps.Length);
        (said + (_state?.Merged ?? 0)).ShouldBe(_state?.MergedInAll ?? 0);
    }

    [Property(MaxTest = 500)]
    public void A_batch_that_comes_again_stores_and_counts_nothing(byte[] steps)
    {
        _state = null;
        var known = steps.Select((step, i) => Pass(i, step * 10) == Thinned.Kept).ToArray();
        var before = _state;
        var thinning = new Thinning(1, Rule, _state, Start.AddDays(1));

        for (var i = 0; i < steps.Length; i++)
        {
            var update = Update(i, steps[i] * 10, null, null);
            if (known[i])
            {
                thinning.CameAgain(update, update.At!.Value);
            }
            else
            {
                thinning.Pass(update, update.At!.Value, out var thinned).ShouldBeNull();
                thinned.ShouldBe(Thinned.Repeat);
            }
        }

        thinning.HasChanged.ShouldBeFalse();
        thinning.State.ShouldBeSameAs(before);
    }

    private Thinned Pass(int minute, double metres) => Pass(minute, metres, out _);

    // Passes each update alone, as separate requests do.
    private Thinned Pass(
        int minute, double metres, out NewUpdate? stored, string? title = null, string? data = null, DateTimeOffset? received = null)
    {
        var thinning = new Thinning(1, Rule, _state, received ?? Start.AddDays(1));
        var update = Update(minute, metres, title, data);
        stored = thinning.Pass(update, update.At!.Value, out var thinned);
        _state = thinning.State;
        return thinned;
    }

    private static NewUpdate Update(int minute, double metres, string? title, string? data) =>
        new() { Kind = Kind.Geo, At = Start.AddMinutes(minute), Location = At(metres), Title = title, Data = data };

    private static Place At(double metresNorth) => new(48 + (metresNorth / PlaceGrid.MetresPerDegree), 2, null, null, null, null);
}
