using ActivityHub.FeedApi.Reading;
using ActivityHub.Ledger.Updates;
using ActivityHub.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Shouldly;
using Xunit;

namespace ActivityHub.FeedApi.Tests.Reading;

public sealed class FeedQueryTests
{
    [Fact]
    public void Without_parameters_it_asks_for_the_fifty_newest_of_all_kinds()
    {
        var query = Read("").Query.ShouldNotBeNull();

        (query.Key, query.Kinds, query.Limit, query.Before, query.After, query.Callback).ShouldBe((null, null, 50, null, null, null));
    }

    [Fact]
    public void Kinds_are_sorted_whether_repeated_or_separated_by_commas() =>
        Read("?kind=geo,battery&kind=activity&key=rk_1&limit=200&after=17").Query.ShouldNotBeNull().Kinds.ShouldBe("activity,battery,geo");

    [Fact]
    public void An_empty_key_is_none() => Read("?key=").Query.ShouldNotBeNull().Key.ShouldBeNull();

    [Theory]
    [InlineData("?limit=0", "limit")]
    [InlineData("?limit=201", "limit")]
    [InlineData("?limit=-1", "limit")]
    [InlineData("?limit=", "limit")]
    [InlineData("?limit=10&limit=20", "limit")]
    [InlineData("?kind=Geo", "kind")]
    [InlineData("?kind=geo%20", null)]
    [InlineData("?key=a&key=b", "key")]
    [InlineData("?before=1&after=2", "before")]
    [InlineData("?page=2", "page")]
    [InlineData("?callback=f", "callback")]
    public void What_cannot_be_is_named(string text, string? parameter)
    {
        var (_, problem) = Read(text);

        if (parameter is null)
        {
            problem.ShouldBeNull();
            return;
        }

        problem.ShouldNotBeNull().Status.ShouldBe(400);
        problem.Faults.ShouldNotBeNull().Named.ShouldHaveSingleItem().Path.ShouldBe(parameter);
    }

    [Fact]
    public void All_that_is_wrong_is_named_at_once_and_keys_are_not_repeated()
    {
        var problem = Read("?limit=x&kind=!&page=1&key=rk_secret&key=rk_other").Problem.ShouldNotBeNull();

        problem.Faults.ShouldNotBeNull().Named.Select(fault => fault.Path).ShouldBe(["limit", "kind", "page", "key"], ignoreOrder: true);
        System.Text.Encoding.UTF8.GetString(problem.Render()).ShouldNotContain("rk_");
    }

    [Theory]
    [InlineData("handle", true)]
    [InlineData("$_9", true)]
    [InlineData("9a", false)]
    [InlineData("alert(1)//", false)]
    [InlineData("", false)]
    [InlineData("a%0ab", false)]
    public void A_callback_is_an_identifier(string callback, bool isTaken) =>
        (Read("?callback=" + callback, FeedFormat.Js).Query is not null).ShouldBe(isTaken);

    private static (FeedQuery? Query, Problem? Problem) Read(string text, FeedFormat format = FeedFormat.Atom)
    {
        FeedQuery.TryRead(new QueryCollection(QueryHelpers.ParseQuery(text)), format, out var query, out var problem);
        return (query, problem);
    }
}
