using System.Text.RegularExpressions;
using ActivityHub.Web;
using Shouldly;
using Xunit;

namespace ActivityHub.Conformance;

/// <summary>The catalogue of problem types, its page, and the code that answers with them.</summary>
public sealed partial class ProblemsTests
{
    [Fact]
    public void Each_type_has_a_section_in_the_docs_that_begins_with_its_status()
    {
        var page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "problems.md"));

        var sections = Section().Matches(page).ToDictionary(
            match => match.Groups["name"].Value, match => int.TryParse(match.Groups["status"].Value, out var status) ? status : 0);

        sections.Keys.ShouldBe(ProblemTypes.All.Select(type => type.Name), ignoreOrder: true);
        foreach (var type in ProblemTypes.All.Where(type => type != ProblemTypes.Status))
        {
            sections[type.Name].ShouldBe(type.Status, type.Name);
        }
    }

    [Fact]
    public void Names_are_unique_and_titles_end_without_a_full_stop()
    {
        ProblemTypes.All.Count.ShouldBeGreaterThan(30);
        ProblemTypes.All.Select(type => type.Name).ShouldBeUnique();
        ProblemTypes.All.ShouldAllBe(type => !type.Title.EndsWith('.') && char.IsUpper(type.Title[0]));
    }

    // Code that creates its own problem type, or a problem of the framework, bypasses the catalogue.
    [Fact]
    public void Only_the_catalogue_makes_types_and_only_a_type_makes_problems()
    {
        foreach (var room in ProjectDependencies.Allowed.Keys.Where(room => room != "Phones"))
        {
            var made = MadeObjects.In(System.Reflection.Assembly.Load("ActivityHub." + room));
            made.Where(one => one.What == typeof(ProblemType).FullName).Select(one => one.By)
                .Where(by => by != typeof(ProblemTypes).FullName).ShouldBeEmpty(room);
            made.Where(one => one.What == typeof(Problem).FullName).Select(one => one.By).Where(by => by != typeof(ProblemType).FullName)
                .ShouldBeEmpty(room);
            made.Where(
                one =>
                    one.What is "Microsoft.AspNetCore.Http.TypedResults.Problem" or "Microsoft.AspNetCore.Http.Results.Problem" or
                        "Microsoft.AspNetCore.Mvc.ProblemDetails")
                .ShouldBeEmpty(room);
        }
    }

    [GeneratedRegex(@"^### (?<name>[a-z0-9-]+)\n(?<status>\d{3})?", RegexOptions.Multiline)]
    private static partial Regex Section();
}
