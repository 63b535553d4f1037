using System.Buffers;
using System.Collections.Concurrent;
using System.Net;

namespace ActivityHub.TestKit;

/// <summary>
/// Everything secret that the tests of an assembly have used, noted when it was made; and at the end, as an assembly fixture, the search
/// for all of it in all that any hub has logged meanwhile. A leak that no test looks for fails the run all the same.
/// </summary>
public sealed class LoggedSecrets : IDisposable
{
    // What is shorter may be a word.
    private const int ShortestSecret = 12;

    private static readonly ConcurrentDictionary<string, string> Secrets = new(StringComparer.Ordinal);
    private static readonly ConcurrentBag<CapturedLogs> Logs = [];

    /// <summary>How many are noted.</summary>
    public static int Count => Secrets.Count;

    /// <summary>Notes a secret that was made, or sent.</summary>
    /// <param name="kind">What it is, for whoever reads of a leak.</param>
    /// <param name="secret">Null where there is none.</param>
    /// <returns>The same.</returns>
    public static string? Note(string kind, string? secret)
    {
        if (secret is { Length: >= ShortestSecret })
        {
            Secrets[secret] = kind;
        }

        return secret;
    }

    /// <summary>Notes the key that an address ends in, or carries as <c>key</c>.</summary>
    public static void NoteKeyOf(string kind, string? url)
    {
        if (url is null)
        {
            return;
        }

        var key = url.IndexOf("key=", StringComparison.Ordinal);
        Note(kind, WebUtility.UrlDecode(key < 0 ? url[(url.LastIndexOf('/') + 1)..] : url[(key + 4)..].Split('&')[0]));
    }

    /// <summary>What of the secrets stands in the logs: of which kind, and which line told it.</summary>
    public static IReadOnlyList<string> Find(IEnumerable<CapturedLogs> logs, IReadOnlyDictionary<string, string> secrets)
    {
        if (secrets.Count == 0)
        {
            return [];
        }

        var any = SearchValues.Create([.. secrets.Keys], StringComparison.Ordinal);
        return
        [
            .. logs.SelectMany(one => one.Lines).Select(line => (line, Text: line.ToString()))
                .Where(one => one.Text.AsSpan().ContainsAny(any))
                .SelectMany(one => secrets.Where(secret => one.Text.Contains(secret.Key, StringComparison.Ordinal))
                    .Select(secret => $"{secret.Value} in {one.line.Category} {one.line.Event}"))
                .Distinct(),
        ];
    }

    /// <inheritdoc />
    public void Dispose()
    {
        var found = Find(Logs, new Dictionary<string, string>(Secrets));
        if (found.Count > 0)
        {
            throw new InvalidOperationException($"Secrets were logged: {string.Join("; ", found)}");
        }
    }

    internal static void Watch(CapturedLogs logs) => Logs.Add(logs);
}
