using System.Text.RegularExpressions;
using Markdig;
using Markdig.Extensions.AutoIdentifiers;
using Markdig.Renderers;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace ActivityHub.Hub.Pages.Docs;

/// <summary>A page of the documentation as HTML.</summary>
internal sealed partial record DocText(string Title, string Html)
{
    private static readonly MarkdownPipeline Pipeline = new MarkdownPipelineBuilder().UsePipeTables()
        .UseAutoIdentifiers(AutoIdentifierOptions.GitHub).DisableHtml().Build();

    private static readonly Regex Table = TableStart();

    /// <param name="name">For example <c>decisions/0004-two-lanes</c>: its links are relative to that.</param>
    /// <param name="markdown">Its text.</param>
    public static DocText Render(string name, string markdown)
    {
        var document = Markdown.Parse(markdown, Pipeline);
        var folder = name.Contains('/', StringComparison.Ordinal) ? name[..(name.LastIndexOf('/') + 1)] : "";
        foreach (var link in document.Descendants<LinkInline>())
        {
            link.Url = Target(folder, link.Url ?? "");
        }

        using var output = new StringWriter();
        var renderer = new HtmlRenderer(output);
        Pipeline.Setup(renderer);
        renderer.Render(document);
        // Tables scroll by themselves, by keyboard too, and each is a place of its own.
        var tables = 0;
        var html = Table.Replace(
            output.ToString(), _ => $"<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Table {++tables}\"><table>")
            .Replace("</table>", "</table></div>", StringComparison.Ordinal).Replace("<th></th>", "<td></td>", StringComparison.Ordinal);
        var title = document.Descendants<HeadingBlock>().FirstOrDefault()?.Inline?.Descendants<LiteralInline>() is { } parts
            ? string.Concat(parts.Select(part => part.Content.ToString()))
            : name;
        return new DocText(title.Length == 0 ? name : title, html);
    }

    // Beside one another in the source; here below /docs. What leads out of the folder is not carried along.
    private static string Target(string folder, string url)
    {
        if (url.StartsWith('#') || url.Contains("://", StringComparison.Ordinal) || url.StartsWith("mailto:", StringComparison.Ordinal))
        {
            return url;
        }

        var parts = url.Split('#', 2);
        var path = new Uri(new Uri($"http://docs/docs/{folder}"), parts[0]).AbsolutePath;
        path = path.EndsWith(".md", StringComparison.Ordinal) ? path[..^3] : path;
        return parts.Length > 1 ? $"{path}#{parts[1]}" : path;
    }

    [GeneratedRegex("<table>")]
    private static partial Regex TableStart();
}
