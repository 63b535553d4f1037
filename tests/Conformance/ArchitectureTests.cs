using System.Reflection;
using Shouldly;
using Xunit;

namespace ActivityHub.Conformance;

public sealed class ArchitectureTests
{
    private const string Prefix = "ActivityHub.";

    // Names without a clear meaning, which attract unrelated code.
    private static readonly string[] Drawers = ["Common", "Shared", "Helpers", "Utils", "Extensions", "Base", "Services", "Models"];

    public static TheoryData<string> AllProjects => [.. ProjectDependencies.Allowed.Keys];

    // The tools run separately and are not part of the product's output.
    public static TheoryData<string> ProductProjects => [.. ProjectDependencies.Allowed.Keys.Where(project => project != "Phones")];

    [Fact]
    public void Every_project_has_its_place_in_the_drawing() =>
        ProjectDependencies.Projects().Keys.ShouldBe(ProjectDependencies.Allowed.Keys, ignoreOrder: true);

    [Theory, MemberData(nameof(AllProjects))]
    public void A_project_refers_only_to_projects_that_are_allowed(string project) =>
        ProjectDependencies.Forbidden(project, ProjectDependencies.ReferencesOf(ProjectDependencies.Projects()[project])).ShouldBeEmpty();

    [Theory, MemberData(nameof(ProductProjects))]
    public void An_assembly_refers_only_to_projects_that_are_allowed(string project) =>
        ProjectDependencies.Forbidden(project, OursAmong(Referenced(project))).ShouldBeEmpty();

    [Theory, MemberData(nameof(ProductProjects))]
    public void No_namespace_is_a_drawer_for_everything(string project) =>
        Load(project).GetTypes()
            .Select(type => type.Namespace)
            .Where(name => name?.StartsWith(Prefix, StringComparison.Ordinal) is true && name.Split('.').Intersect(Drawers).Any())
            .Distinct()
            .ShouldBeEmpty();

    [Theory, MemberData(nameof(ProductProjects))]
    public void Only_the_workers_know_Hangfire(string project)
    {
        if (project != "Workers")
        {
            Referenced(project).Where(name => name.StartsWith("Hangfire", StringComparison.Ordinal)).ShouldBeEmpty();
        }
    }

    [Fact]
    public void Syndication_touches_no_database_and_no_network() =>
        Referenced("Syndication")
            .Where(name => name.StartsWith("Npgsql", StringComparison.Ordinal)
                || name.StartsWith("Microsoft.EntityFrameworkCore", StringComparison.Ordinal)
                || name.StartsWith("Microsoft.Data", StringComparison.Ordinal)
                || name is "System.Net.Http" or "System.Net.Sockets")
            .ShouldBeEmpty();

    [Theory, MemberData(nameof(ProductProjects))]
    public void The_folders_of_a_project_lead_one_way(string project) =>
        FolderArrows.Circles(FolderArrows.In(Load(project))).ShouldBeEmpty();

    [Fact]
    public void The_look_at_folders_finds_arrows_and_circles()
    {
        var arrows = FolderArrows.In(Load("Workers"));
        arrows["Verifications"]["Outbound"].ShouldContain(" knows ");
        arrows["Outbound"].ShouldNotContainKey("Verifications");

        FolderArrows.Circles(
            new()
            {
                ["A"] = new() { ["B"] = "x" },
                ["B"] = new() { ["C"] = "y" },
                ["C"] = new() { ["A"] = "z" },
                ["D"] = new() { ["A"] = "w" }
            })
            .ShouldHaveSingleItem().ShouldBe("A, B, C: A -> B (x); B -> C (y); C -> A (z)");
    }

    // A rule that cannot fail checks nothing.
    [Theory]
    [InlineData("FeedApi", "Workers")]
    [InlineData("Workers", "FeedApi")]
    [InlineData("FeedApi", "Hub")]
    [InlineData("Ledger", "Syndication")]
    [InlineData("Migrations.Sqlite", "Migrations.Postgres")]
    [InlineData("Phones", "Ledger")]
    public void The_drawing_itself_refuses_a_wrong_arrow(string from, string to) =>
        ProjectDependencies.Forbidden(from, ["Ledger", to]).ShouldContain(to);

    private static IEnumerable<string> Referenced(string project) => Load(project).GetReferencedAssemblies().Select(name => name.Name!);

    private static IEnumerable<string> OursAmong(IEnumerable<string> assemblies) => assemblies
        .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))
        .Select(name => name[Prefix.Length..]);

    private static Assembly Load(string project) => Assembly.Load(Prefix + project);
}
