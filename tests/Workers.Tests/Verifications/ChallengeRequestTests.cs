using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Ledger.Updates;
using ActivityHub.Workers.Outbound;
using ActivityHub.Workers.Verifications;
using Shouldly;
using Xunit;

namespace ActivityHub.Workers.Tests.Verifications;

// WebSub §5.1.1 and §5.3: the parameters appended to a callback's own URL.
public sealed class ChallengeRequestTests
{
    [Theory]
    [InlineData("https://example.org/in", "?hub.mode=subscribe&")]
    [InlineData("https://example.org/in?", "?hub.mode=subscribe&")]
    [InlineData("https://example.org/in?a=1", "?a=1&hub.mode=subscribe&")]
    [InlineData("https://example.org/in?a=1&", "?a=1&hub.mode=subscribe&")]
    [InlineData("https://example.org/in?hub.mode=mine&a=%2B+b", "?hub.mode=mine&a=%2B+b&hub.mode=subscribe&")]
    public void The_callbacks_query_stays_and_ours_is_appended(string callback, string start) =>
        ChallengeRequest.Of(callback, Asked(VerificationMode.Subscribe), "https://hub.example/feeds/x.atom?key=a&kind=geo", "c", null).Query
            .ShouldBe(
                start
                    + "hub.topic=https%3A%2F%2Fhub.example%2Ffeeds%2Fx.atom%3Fkey%3Da%26kind%3Dgeo&hub.challenge=c&hub.lease_seconds=600");

    [Fact]
    public void An_unsubscribe_names_no_lease_and_echoes_the_token() =>
        ChallengeRequest.Of("http://example.org/", Asked(VerificationMode.Unsubscribe), "t", "c", "x&y").Query
            .ShouldBe("?hub.mode=unsubscribe&hub.topic=t&hub.challenge=c&hub.verify_token=x%26y");

    [Fact]
    public void A_denial_asks_nothing_and_says_why()
    {
        var denial = Asked(VerificationMode.Denied);
        denial.Because("It is over & done.");

        ChallengeRequest.Of("http://example.org/", denial, "t", "c", null).Query
            .ShouldBe("?hub.mode=denied&hub.topic=t&hub.reason=It%20is%20over%20%26%20done.");
    }

    [Theory]
    [InlineData(null, "It answered without a body; the body must be the challenge.")]
    [InlineData("something else", "It did not echo the challenge.")]
    [InlineData("<p>c0ffee\n</p>",
        "Its body holds the challenge with something else around it (white space, quotes, markup); the body must be the challenge and "
        + "nothing else.")]
    [InlineData("c0ffee\n",
        "Its body is the challenge with a line break or white space at the end; the body must be the challenge and nothing else.")]
    public void What_was_wrong_with_an_answer_is_said_in_words(string? body, string words) =>
        ChallengeRequest.WhyNot(
            new ActivityHub.Workers.Outbound.CallbackResult(AttemptOutcome.Accepted, 200, TimeSpan.Zero, null, null, body), "c0ffee")
                .ShouldBe(words);

    [Fact]
    public void Challenges_do_not_repeat() =>
        Enumerable.Range(0, 1000).Select(_ => ChallengeRequest.NewChallenge()).Distinct().Count().ShouldBe(1000);

    private static Verification Asked(VerificationMode mode)
    {
        var verification = Verification.Of(
            mode, 1, [1], 1, "https://example.org/in", new SubscriptionTerms { Format = FeedFormat.Atom, Topic = [] },
            DateTimeOffset.UnixEpoch);
        verification.Ask(600, null, 0, null);
        return verification;
    }
}
