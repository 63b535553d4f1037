using System.Globalization;
using System.Text;
using ActivityHub.Hub.Accounts;
using ActivityHub.Hub.Pages.Try;
using Microsoft.Extensions.Options;

namespace ActivityHub.Hub.Pages;

/// <summary>The top of each page: where one can go from here.</summary>
internal static class Navigation
{
    public static string Of(HttpContext http)
    {
        var links = new List<(string Path, string Name)>();
        if (http.User.Identity is { IsAuthenticated: true })
        {
            links.AddRange([("/today", "Today"), ("/receipts", "Receipts"), ("/account", "Account")]);
            if (http.User.IsInRole(TokenAuthentication.Administrator))
            {
                links.Add(("/admin", "Administration"));
            }
        }
        else
        {
            links.AddRange([("/sign-in", "Sign in"), ("/sign-up", "Open an account")]);
        }

        if (http.RequestServices.GetRequiredService<IOptions<TryOptions>>().Value.Enabled)
        {
            links.Add(("/try", "Try it"));
        }

        links.Add(("/docs", "Docs"));
        var html = new StringBuilder("<header class=\"top\"><a class=\"name\" href=\"/\">Activity Hub</a><nav aria-label=\"Main\">");
        foreach (var (path, name) in links)
        {
            var isHere = http.Request.Path.Equals(path, StringComparison.OrdinalIgnoreCase);
            html.Append(CultureInfo.InvariantCulture, $"<a href=\"{path}\"{(isHere ? " aria-current=\"page\"" : "")}>{name}</a>");
        }

        return html.Append("</nav></header>").ToString();
    }
}
