using System.Globalization;
using System.Text;
using ActivityHub.Hub.Accounts;
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
            links.AddRange([("/today", "Today"), ("/notices", "Notices"), ("/receipts", "Receipts"), ("/account", "Account")]);
            if (http.User.IsInRole(TokenAuthentication.Administrator))
            {
                links.Add(("/admin", "Administration"));
            }
        }
        else
        {
            links.Add(("/sign-in", "Sign in"));
            if (Setting<AccountOptions>(http).SignUp == AccountOptions.Open)
            {
                links.Add(("/sign-up", "Open an account"));
            }
        }

        if (Setting<TryOptions>(http).Enabled)
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

    private static T Setting<T>(HttpContext http)
        where T : class => http.RequestServices.GetRequiredService<IOptions<T>>().Value;
}
