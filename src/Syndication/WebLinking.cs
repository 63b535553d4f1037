using System.Buffers;
using System.Text;

namespace ActivityHub.Syndication;

/// <summary>Link headers (RFC 8288).</summary>
public static class WebLinking
{
    private static readonly SearchValues<char> Plain =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~:/?#[]@!$&'()*+,;=%");

    /// <summary>
    /// The one value of a document's or delivery's <c>Link</c>: hub, self, then status and next if there are any (WebSub §4 and §7).
    /// One value, since some subscribers read only the first. A topic is echoed as its subscriber wrote it; what could end the
    /// brackets or the header is percent-encoded.
    /// </summary>
    public static string Header(string hubUrl, string selfUrl, string? statusUrl = null, string? nextUrl = null)
    {
        var header = new StringBuilder(256);
        Append(header, hubUrl, "hub");
        Append(header, selfUrl, "self");
        Append(header, statusUrl, "status");
        Append(header, nextUrl, "next");
        return header.ToString();
    }

    private static void Append(StringBuilder header, string? url, string relation)
    {
        if (url is null)
        {
            return;
        }

        header.Append(header.Length == 0 ? "<" : ", <");
        if (url.AsSpan().ContainsAnyExcept(Plain))
        {
            AppendEncoded(header, url);
        }
        else
        {
            header.Append(url);
        }

        header.Append(">; rel=\"").Append(relation).Append('"');
    }

    private static void AppendEncoded(StringBuilder header, string url)
    {
        foreach (var octet in Encoding.UTF8.GetBytes(url))
        {
            if (Plain.Contains((char)octet))
            {
                header.Append((char)octet);
            }
            else
            {
                header.Append('%').Append(octet.ToString("X2"));
            }
        }
    }
}
