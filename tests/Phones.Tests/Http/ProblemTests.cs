using System.Text;
using ActivityHub.Phones.Http;
using Shouldly;

namespace ActivityHub.Phones.Tests.Http;

public sealed class ProblemTests
{
    [Fact]
    public void The_first_faults_are_told() =>
        Describe(
                """{"title":"Refused","detail":"2 faults","errors":[{"index":3,"path":"location.lat","detail":"too far north"},{"detail":"no kind"}]}"""
            )
            .ShouldBe("Refused: 2 faults ([3] location.lat: too far north; no kind)");

    [Theory]
    [InlineData("hub.topic is missing\n", "hub.topic is missing")]
    [InlineData("", "")]
    [InlineData("[1]", "")]
    public void Another_body_is_told_as_it_is(string body, string told) => Describe(body).ShouldBe(told);

    private static string Describe(string body) => Problem.Parse(Encoding.UTF8.GetBytes(body)).Describe();
}
