using ActivityHub.Conformance.Access;
using ActivityHub.TestKit;
using Shouldly;
using Xunit;

namespace ActivityHub.Conformance.AtOnce;

/// <summary>
/// Sends the same request several times at once, like a double click or a retry, to every route, at two processes on one PostgreSQL. There
/// must be one effect and no internal error.
/// </summary>
public sealed class AtOnceTests(TwoHubs hubs) : IClassFixture<TwoHubs>
{
    public static TheoryData<string> Routes => [.. AccessTable.Places.Keys];

    [Theory, MemberData(nameof(Routes))]
    public async Task The_same_request_at_once_has_one_effect_and_no_fault(string route)
    {
        Assert.SkipWhen(PostgresServer.SkipReason is not null, PostgresServer.SkipReason ?? "");
        foreach (var times in (int[])[2, 20])
        {
            // Requests that only read change nothing, so they share one stage.
            var stage = route.Split(' ')[0] is "GET" or "HEAD" or "OPTIONS" or "ANY"
                ? await hubs.StageToReadAsync()
                : await Stage.SetAsync(hubs);
            var request = await Requests.OfAsync(route, stage);

            var answers = await hubs.SendAsync(request, times);

            var faults = answers.Where(answer => answer.Status >= 500).ToList();
            faults.ShouldBeEmpty($"{route}, {times} at once: {Effects.Statuses(answers)}\n{(faults.Count > 0 ? hubs.Words : "")}");
            if (request.Effect is { } effect)
            {
                await effect(answers);
            }
        }
    }
}
