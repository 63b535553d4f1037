using ActivityHub.Chaos.Fleet;
using Xunit;
using Xunit.Sdk;
using Xunit.v3;

[assembly: TestCollectionOrderer(typeof(Timetable))]
[assembly: TestClassOrderer(typeof(Timetable))]

namespace ActivityHub.Chaos.Fleet;

/// <summary>
/// Orders the test collections and classes. The scenarios on the shared cluster take longest and run one after the other, so they begin
/// first, beside tests that need little processor time. They are over before the other tests and the one that measures delays begin.
/// </summary>
public sealed class Timetable : ITestCollectionOrderer, ITestClassOrderer
{
    private static readonly Type[] OnCluster = [typeof(DatabaseAwayTests), typeof(PauseTests), typeof(KillTests), typeof(NodesTests),
        typeof(ListenerTests)];

    /// <inheritdoc />
    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(IReadOnlyCollection<TTestCollection> testCollections)
        where TTestCollection : ITestCollection =>
        [.. testCollections.OrderByDescending(collection => collection.TestCollectionDisplayName == OnOneCluster.Name)];

    /// <inheritdoc />
    public IReadOnlyCollection<TTestClass?> OrderTestClasses<TTestClass>(IReadOnlyCollection<TTestClass?> testClasses)
        where TTestClass : ITestClass =>
        [.. testClasses.OrderBy(one => Array.FindIndex(OnCluster, type => type.FullName == one?.TestClassName))];
}
