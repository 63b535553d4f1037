using ActivityHub.Ledger.Updates;
using ActivityHub.Web;

namespace ActivityHub.FeedApi.Intake.Parsing;

/// <summary>A body of updates: either all of them, checked, or the problem that names every fault.</summary>
/// <param name="Updates">In the body's order; empty where there is a problem.</param>
/// <param name="IsSingle">True where the body was one object, not a list of them.</param>
/// <param name="Problem">Null where there is no fault.</param>
internal sealed record ParsedUpdates(IReadOnlyList<NewUpdate> Updates, bool IsSingle, Problem? Problem)
{
    public static ParsedUpdates Failed(Problem problem) => new([], false, problem);
}
