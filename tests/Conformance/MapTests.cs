using System.Reflection;
using System.Text.RegularExpressions;
using Shouldly;
using Xunit;

namespace ActivityHub.Conformance;

// docs/architecture.md helps developers to find code: a wrong name on the page is worse than none.
public sealed partial class MapTests
{
    private static readonly string Page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "architecture.md"));

    public static TheoryData<string> Paths => [.. Names().Where(name => name.Contains('/') && !name.StartsWith('/')).Distinct()];

    public static TheoryData<string> Types => [.. Names().Where(name => TypeName().IsMatch(name)).Distinct()];

    [Theory, MemberData(nameof(Paths))]
    public void Each_path_on_the_map_exists(string path) =>
        Path.Exists(Path.Combine(Repository.Root, path.TrimEnd('/'))).ShouldBeTrue();

    [Theory, MemberData(nameof(Types))]
    public void Each_type_on_the_map_exists(string name) =>
        AllTypes().ShouldContain(name);

    [Fact]
    public void Each_project_is_on_the_map() =>
        ProjectDependencies.Projects().Values
            .Select(
                project => Path.GetRelativePath(Repository.Root, Path.GetDirectoryName(project)!).Replace(Path.DirectorySeparatorChar, '/'))
            .Except(Names())
            .ShouldBeEmpty();

    [Fact]
    public void The_map_names_paths_and_types() =>
        (Paths.Count, Types.Count).ShouldSatisfyAllConditions(
            counts => counts.Item1.ShouldBeGreaterThan(10), counts => counts.Item2.ShouldBeGreaterThan(30));

    // The contract is in docs/; a reference to another document cannot be followed.
    [Fact]
    public void No_comment_cites_a_document_that_is_not_here() =>
        new[] { "src", "tests", "bench", "tools", "docs" }
            .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(Repository.Root, folder), "*.*", SearchOption.AllDirectories))
            .Where(file => Path.GetExtension(file) is ".cs" or ".md" or ".razor" && !Built().IsMatch(file))
            .Where(file => File.ReadAllText(file).Contains("Design " + "§", StringComparison.Ordinal))
            .ShouldBeEmpty();

    private static IEnumerable<string> Names() => Code().Matches(Page).Select(match => match.Groups[1].Value)
        .Where(name => !name.Contains('*') && !name.Contains(' '));

    private static HashSet<string> AllTypes() => ProjectDependencies.Allowed.Keys
        .Where(room => room != "Phones")
        .SelectMany(room => Assembly.Load("ActivityHub." + room).GetTypes())
        .Select(type => type.Name)
        .ToHashSet(StringComparer.Ordinal);

    [GeneratedRegex(@"[\\/](bin|obj)[\\/]")]
    private static partial Regex Built();

    // A name formatted as code: a path, a type, a route or a header. Blocks of drawings have three backticks and do not count.
    [GeneratedRegex("(?<!`)`([^`\n]+)`(?!`)")]
    private static partial Regex Code();

    [GeneratedRegex("^I?[A-Z][a-z]+(?:[A-Z][A-Za-z]*)*$")]
    private static partial Regex TypeName();
}
