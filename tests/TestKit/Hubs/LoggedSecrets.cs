using System.Buffers;
using System.Collections.Concurrent;
using System.Net;

namespace ActivityHub.TestKit;

/// <summary>
/// Collects all secrets that an assembly's tests use. At the end, as an assembly fixture, it searches for them in the logs of all hubs.
/// This way a leak fails the run even if no test checks for it.
/// </summary>
public sealed class LoggedSecrets : IDisposable
{
    // A shorter text may be an ordinary word.
    private const int ShortestSecret = 12;

    private static readonly ConcurrentDictionary<string, string> Secrets = new(StringComparer.Ordinal);
    private static readonly ConcurrentBag<CapturedLogs> Logs = [];

    /// <summary>The number of noted secrets.</summary>
    public static int Count => Secrets.Count;

    /// <summary>Notes a secret that was created or sent.</summary>
    /// <param name="kind">The kind of the secret, for the message about a leak.</param>
    /// <param name="secret">The secret; null if there is none.</param>
    /// <returns>The given secret.</returns>
    public static string? Note(string kind, string? secret)
    {
        if (secret is { Length: >= ShortestSecret })
        {
            Secrets[secret] = kind;
        }

        return secret;
    }

    /// <summary>Notes the key at the end of a URL, or in its <c>key</c> parameter.</summary>
    public static void NoteKeyOf(string kind, string? url)
    {
        if (url is null)
        {
            return;
        }

        var key = url.IndexOf("key=", StringComparison.Ordinal);
        Note(kind, WebUtility.UrlDecode(key < 0 ? url[(url.LastIndexOf('/') + 1)..] : url[(key + 4)..].Split('&')[0]));
    }

    /// <summary>Returns the leaks: the kind of each secret found, and the log line that contains it.</summary>
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
