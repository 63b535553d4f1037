using System.Reflection;
using PublicApiGenerator;
using Shouldly;
using Xunit;

namespace ActivityHub.Conformance;

/// <summary>
/// Records the public types and members of the assemblies that other programs can compile against, so that a review shows each change. The
/// ledger is only for this product's own assemblies. <c>HUB_ACCEPT_API=true</c> rewrites the files in <c>PublicApi/</c>.
/// </summary>
public sealed class PublicApiTests
{
    private static readonly ApiGeneratorOptions Options = new()
    {
        IncludeAssemblyAttributes = false,
        ExcludeAttributes = ["System.CodeDom.Compiler.GeneratedCodeAttribute"],
    };

    public static TheoryData<string> Assemblies => ["FeedApi", "Hub", "Syndication", "Telemetry", "Web", "Workers"];

    [Theory, MemberData(nameof(Assemblies))]
    public async Task The_public_types_and_members_of_an_assembly_are_those_that_were_approved(string name)
    {
        var found = Assembly.Load($"ActivityHub.{name}").GeneratePublicApi(Options).ReplaceLineEndings("\n") + "\n";
        var path = Path.Combine(Repository.Root, "tests", "Conformance", "PublicApi", $"{name}.txt");
        if (Environment.GetEnvironmentVariable("HUB_ACCEPT_API") == "true")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await File.WriteAllTextAsync(path, found, Http.Cancel);
        }

        var approved = (await File.ReadAllTextAsync(path, Http.Cancel)).Split('\n');
        var now = found.Split('\n');
        now.Except(approved).Select(line => $"new: {line.Trim()}").Concat(approved.Except(now).Select(line => $"gone: {line.Trim()}"))
            .ShouldBeEmpty("If this is meant, run the test with HUB_ACCEPT_API=true and commit the files.");
        found.ShouldBe(string.Join('\n', approved));
    }
}
