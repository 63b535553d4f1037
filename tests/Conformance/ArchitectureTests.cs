using System.Reflection;
using Shouldly;
using Xunit;

namespace ActivityHub.Conformance;

public sealed class ArchitectureTests
{
    private const string Prefix = "ActivityHub.";

    // Words that promise nothing, and so turn into drawers for everything.
    private static readonly string[] Drawers = ["Common", "Shared", "Helpers", "Utils", "Extensions", "Base", "Services", "Models"];

    public static TheoryData<string> AllRooms => [.. Rooms.Arrows.Keys];

    // The tools run on their own and are not part of the product's output.
    public static TheoryData<string> RoomsOfTheProduct => [.. Rooms.Arrows.Keys.Where(room => room != "Phones")];

    [Fact]
    public void Every_project_has_its_place_in_the_drawing() =>
        Rooms.Projects().Keys.ShouldBe(Rooms.Arrows.Keys, ignoreOrder: true);

    [Theory, MemberData(nameof(AllRooms))]
    public void A_project_refers_only_to_the_rooms_that_the_drawing_lets_it_know(string room) =>
        Rooms.Trespasses(room, Rooms.ReferencesOf(Rooms.Projects()[room])).ShouldBeEmpty();

    [Theory, MemberData(nameof(RoomsOfTheProduct))]
    public void An_assembly_knows_only_the_rooms_that_the_drawing_lets_it_know(string room) =>
        Rooms.Trespasses(room, OursAmong(Referenced(room))).ShouldBeEmpty();

    [Theory, MemberData(nameof(RoomsOfTheProduct))]
    public void No_namespace_is_a_drawer_for_everything(string room) =>
        Load(room).GetTypes()
            .Select(type => type.Namespace)
            .Where(name => name?.StartsWith(Prefix, StringComparison.Ordinal) is true && name.Split('.').Intersect(Drawers).Any())
            .Distinct()
            .ShouldBeEmpty();

    [Theory, MemberData(nameof(RoomsOfTheProduct))]
    public void No_room_but_the_workers_knows_Hangfire(string room)
    {
        if (room != "Workers")
        {
            Referenced(room).Where(name => name.StartsWith("Hangfire", StringComparison.Ordinal)).ShouldBeEmpty();
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

    [Theory, MemberData(nameof(RoomsOfTheProduct))]
    public void The_folders_of_a_project_lead_one_way(string room) => FolderArrows.Circles(FolderArrows.In(Load(room))).ShouldBeEmpty();

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

    // A rule that cannot fail guards nothing.
    [Theory]
    [InlineData("FeedApi", "Workers")]
    [InlineData("Workers", "FeedApi")]
    [InlineData("FeedApi", "Hub")]
    [InlineData("Ledger", "Syndication")]
    [InlineData("Migrations.Sqlite", "Migrations.Postgres")]
    [InlineData("Phones", "Ledger")]
    public void The_drawing_itself_refuses_a_wrong_arrow(string from, string to) =>
        Rooms.Trespasses(from, ["Ledger", to]).ShouldContain(to);

    private static IEnumerable<string> Referenced(string room) => Load(room).GetReferencedAssemblies().Select(name => name.Name!);

    private static IEnumerable<string> OursAmong(IEnumerable<string> assemblies) => assemblies
        .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))
        .Select(name => name[Prefix.Length..]);

    private static Assembly Load(string room) => Assembly.Load(Prefix + room);
}
