using System.Text.RegularExpressions;
using System.Xml.Linq;
using ActivityHub.Ledger.Settings;
using Shouldly;
using Xunit;

namespace ActivityHub.Conformance;

/// <summary>Checks that the version in Directory.Build.props, its only source, is used everywhere.</summary>
public sealed partial class VersionTests
{
    [Fact]
    public void The_newest_release_of_the_changelog_is_the_version_that_is_built()
    {
        var built = XDocument.Load(Path.Combine(Repository.Root, "Directory.Build.props")).Descendants("Version").Single().Value;

        Release().Match(File.ReadAllText(Path.Combine(Repository.Root, "CHANGELOG.md"))).Groups[1].Value.ShouldBe(built);
        ProductVersion.Text.ShouldStartWith(built);
    }

    [GeneratedRegex(@"^## \[(\d+\.\d+\.\d+)\] - \d{4}-\d{2}-\d{2}$", RegexOptions.Multiline)]
    private static partial Regex Release();
}
