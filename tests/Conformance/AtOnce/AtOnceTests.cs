using ActivityHub.Conformance.Access;
using ActivityHub.TestKit;
using Shouldly;
using Xunit;

namespace ActivityHub.Conformance.AtOnce;

/// <summary>
/// The same request several times at once, as a double click or a retry sends it, at every route, to two processes on one PostgreSQL: one
/// effect, and never a fault of the hub's own.
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
            // What only reads leaves its things as they are for the next.
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
