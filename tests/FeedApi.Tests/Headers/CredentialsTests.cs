using System.Text;
using ActivityHub.Web;
using Microsoft.AspNetCore.Http;
using Shouldly;
using Xunit;

namespace ActivityHub.FeedApi.Tests.Headers;

public sealed class CredentialsTests
{
    [Theory]
    [InlineData("Bearer dk_1", "dk_1")]
    [InlineData("bearer   dk_1 ", "dk_1")]
    [InlineData("Bearer ", null)]
    [InlineData("Bearer", null)]
    [InlineData("Digest dk_1", null)]
    [InlineData("Basic !!!", null)]
    [InlineData("", null)]
    public void The_key_is_what_follows_the_scheme(string header, string? key) => Of(header).ShouldBe(key);

    [Theory]
    [InlineData("phone:dk_1", "dk_1")]
    [InlineData(":dk_1", "dk_1")]
    [InlineData("a:dk:1", "dk:1")]
    [InlineData("dk_1", null)]
    [InlineData("phone:", null)]
    public void Basic_carries_the_key_as_its_password_under_any_name(string pair, string? key) =>
        Of("Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes(pair))).ShouldBe(key);

    [Fact]
    public void A_header_that_is_longer_than_any_key_is_not_looked_at() => Of("Bearer " + new string('x', 5000)).ShouldBeNull();

    private static string? Of(string header)
    {
        var request = new DefaultHttpContext().Request;
        request.Headers.Authorization = header;
        return Credentials.Of(request);
    }
}
