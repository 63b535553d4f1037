using ActivityHub.Chaos.Fleet;
using Xunit;
using Xunit.Sdk;
using Xunit.v3;

[assembly: TestCollectionOrderer(typeof(Timetable))]
[assembly: TestClassOrderer(typeof(Timetable))]

namespace ActivityHub.Chaos.Fleet;

/// <summary>
/// What runs beside what: the scenarios on the one cluster take longest, one after the other, and so begin at once, with those that leave
/// the processors alone. By the time of the others, and of the one that measures delays, what runs beside them is over.
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
