namespace ActivityHub.Phones.Http;

/// <summary>Reads <c>Link</c> headers (RFC 8288): targets by relation.</summary>
internal static class LinkHeader
{
    /// <returns>
    /// Pairs of relation (lower case; one for each word of <c>rel</c>) and target, in their order. Malformed parts are skipped.
    /// </returns>
    public static IReadOnlyList<(string Relation, string Target)> Parse(IEnumerable<string> headers)
    {
        var links = new List<(string, string)>();
        foreach (var header in headers)
        {
            var at = 0;
            while (at < header.Length && header.IndexOf('<', at) is var open and >= 0 && header.IndexOf('>', open) is var close and >= 0)
            {
                var target = header[(open + 1)..close];
                var end = EndOf(',', header, close + 1);
                links.AddRange(Relations(header[(close + 1)..end]).Select(relation => (relation, target)));
                at = end + 1;
            }
        }

        return links;
    }

    // Inside quotes a comma or semicolon is text.
    private static int EndOf(char separator, string header, int from)
    {
        var quoted = false;
        for (var i = from; i < header.Length; i++)
        {
            if (header[i] == '\\' && quoted)
            {
                i++;
            }
            else if (header[i] == '"')
            {
                quoted = !quoted;
            }
            else if (header[i] == separator && !quoted)
            {
                return i;
            }
        }

        return header.Length;
    }

    private static string[] Relations(string parameters)
    {
        for (var at = 0; at < parameters.Length;)
        {
            var end = EndOf(';', parameters, at);
            var parameter = parameters[at..end];
            at = end + 1;
            var equals = parameter.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0 && parameter[..equals].Trim().Equals("rel", StringComparison.OrdinalIgnoreCase))
            {
                return parameter[(equals + 1)..].Trim().Trim('"').ToLowerInvariant().Split(' ', StringSplitOptions.RemoveEmptyEntries);
            }
        }

        return [];
    }
}
