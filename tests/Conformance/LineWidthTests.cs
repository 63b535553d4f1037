using Shouldly;
using Xunit;

namespace ActivityHub.Conformance;

/// <summary>Checks the line width of .editorconfig, because the formatter does not.</summary>
public sealed class LineWidthTests
{
    private const int Widest = 140;

    // A URL, a digest or a JSON text without a space cannot be wrapped without a change.
    private const int LongestWord = 60;

    private static readonly string[] Folders = ["src", "tests", "bench", "tools"];

    [Fact]
    public void A_line_is_140_columns_wide_at_most() =>
        WideLines(Folders).Where(line => !HoldsLongWord(line.Text)).Select(line => line.ToString()).ShouldBeEmpty();

    [Fact]
    public void The_product_has_fewer_than_20_lines_that_cannot_be_broken() =>
        WideLines(["src"]).Count().ShouldBeLessThan(20);

    [Fact]
    public void A_wide_line_is_found()
    {
        HoldsLongWord(string.Concat(Enumerable.Repeat("word ", 40))).ShouldBeFalse();
        HoldsLongWord($"var x = \"{new string('x', LongestWord)}\";").ShouldBeTrue();
    }

    private static IEnumerable<(string Path, int Number, string Text)> WideLines(IEnumerable<string> folders) =>
        from folder in folders
        from path in Directory.EnumerateFiles(Path.Combine(Repository.Root, folder), "*.*", SearchOption.AllDirectories)
        where path.EndsWith(".cs", StringComparison.Ordinal) || path.EndsWith(".razor", StringComparison.Ordinal)
        where !path.Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj" or "node_modules")
        from line in File.ReadAllLines(path).Index()
        where line.Item.Length > Widest
        select (Path.GetRelativePath(Repository.Root, path), line.Index + 1, line.Item.Trim());

    private static bool HoldsLongWord(string line) => line.Split(' ').Any(word => word.Length >= LongestWord);
}
