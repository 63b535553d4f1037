using ActivityHub.Web;
using Shouldly;
using Xunit;

namespace ActivityHub.Hub.Tests;

public sealed class PageQueryTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Following_next_sees_every_item_once()
    {
        var rows = Enumerable.Range(0, 7).Select(i => (At: Start.AddMicroseconds(i / 3), Id: (long)i)).ToList();
        var seen = new List<long>();
        string? after = null;
        do
        {
            PageQuery.TryRead("2", after, "/list", out var page, out _).ShouldBeTrue();
            var from = page.After;
            var found = rows.Where(row => row.At > from.At || (row.At == from.At && row.Id > from.Id)).Take(page.Limit + 1).ToList();
            var cut = page.Cut(found, row => (row.At, row.Id), row => row.Id);
            seen.AddRange(cut.Items);
            after = cut.Next?[(cut.Next.LastIndexOf('=') + 1)..];
        }
        while (after is not null);

        seen.ShouldBe([0, 1, 2, 3, 4, 5, 6]);
    }

    [Theory]
    [InlineData("0", null)]
    [InlineData("201", null)]
    [InlineData("-1", null)]
    [InlineData("x", null)]
    [InlineData(null, "x")]
    [InlineData(null, "_____________________w")]
    public void A_wrong_question_is_refused(string? limit, string? after)
    {
        PageQuery.TryRead(limit, after, "/list", out _, out var faults).ShouldBeFalse();
        faults.ShouldHaveSingleItem();
    }
}
