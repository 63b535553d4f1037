using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using ActivityHub.Ledger.Updates;

namespace ActivityHub.Ledger.Subscriptions;

/// <summary>
/// A feed's address in one format and with one choice of kinds, and with the reader key if it contains one: the value of <c>hub.topic</c>.
/// </summary>
public sealed record Topic(long FeedId, FeedFormat Format, string? Kinds, string? Key)
{
    public const int MaxLength = 2048;

    /// <summary>
    /// Parses every spelling of a topic of this hub under which its documents can be read: routes and parameter names are not
    /// case-sensitive, and a trailing slash is allowed. On failure, <paramref name="fault"/> reports the fault and what to send instead; it
    /// never repeats a key.
    /// </summary>
    public static bool TryParse(string text, Uri publicUrl, [NotNullWhen(true)] out Topic? topic, [NotNullWhen(false)] out string? fault)
    {
        topic = null;
        if (text.Length > MaxLength || !Uri.TryCreate(text, UriKind.Absolute, out var url))
        {
            fault =
                $"hub.topic is not an absolute URL of at most {MaxLength} characters; send the address in the feed's rel=\"self\" link.";
            return false;
        }

        var basePath = Uri.UnescapeDataString(publicUrl.AbsolutePath).TrimEnd('/');
        if (!SameOrigin(url, publicUrl) ||
            !Uri.UnescapeDataString(url.AbsolutePath).StartsWith(basePath + "/feeds/", StringComparison.OrdinalIgnoreCase))
        {
            fault =
                $"hub.topic is not a feed of this hub; its feeds are under {publicUrl.GetLeftPart(UriPartial.Path).TrimEnd('/')}/feeds/.";
            return false;
        }

        if (url.UserInfo.Length > 0 || url.Fragment.Length > 0)
        {
            fault = "hub.topic carries a user name or a fragment; leave them out.";
            return false;
        }

        var name = Uri.UnescapeDataString(url.AbsolutePath)[(basePath.Length + "/feeds/".Length)..];
        name = name.EndsWith('/') ? name[..^1] : name;
        var dot = name.IndexOf('.', StringComparison.Ordinal);
        if (dot < 0 || !OpaqueId.TryParse(name.AsSpan(0, dot), out var feedId) || !FeedFormats.TryParse(name[(dot + 1)..], out var format))
        {
            fault = "hub.topic names no feed document; send /feeds/{feed}. followed by atom, rss, json, js or geojson.";
            return false;
        }

        return TryParseQuery(url, feedId, format, out topic, out fault);
    }

    /// <summary>
    /// Returns the canonical spelling: <c>{base}/feeds/{feed}.{format}</c>, then <c>kind</c> (sorted), then <c>key</c> if there is one.
    /// </summary>
    public string Canonical(Uri publicUrl) => Build(publicUrl, Key is null ? null : "key=" + Uri.EscapeDataString(Key));

    /// <summary>
    /// Returns the identity of a subscription: its topic and its callback (WebSub §1). The grant's id replaces the key, which is a secret.
    /// The base URL is left out, so that a hub that moves to another name keeps its subscriptions.
    /// </summary>
    public byte[] IdentityWith(string callback, long? grantId)
    {
        var text = $"{OpaqueId.Format(FeedId)}.{Format.Extension()}?kind={Kinds}&grant={grantId}\n{callback}";
        return SHA256.HashData(Encoding.UTF8.GetBytes(text));
    }

    /// <summary>Sorts and joins kinds; null if there is none. Returns false for an invalid kind, or for more than 50 kinds.</summary>
    public static bool TryReadKinds(IEnumerable<string?> values, out string? kinds)
    {
        var all = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var kind in values.SelectMany(
            value => (value ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)))
        {
            if (!Kind.IsValid(kind) || all.Count >= 50)
            {
                kinds = null;
                return false;
            }

            all.Add(kind);
        }

        kinds = all.Count == 0 ? null : string.Join(',', all);
        return true;
    }

    public override string ToString() => $"{OpaqueId.Format(FeedId)}.{Format.Extension()}";

    private static bool TryParseQuery(
        Uri url, long feedId, FeedFormat format, [NotNullWhen(true)] out Topic? topic, [NotNullWhen(false)] out string? fault)
    {
        topic = null;
        var kindValues = new List<string?>();
        string? key = null;
        foreach (var pair in url.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = pair.IndexOf('=', StringComparison.Ordinal);
            var name = Decode(equals < 0 ? pair : pair[..equals]);
            var value = equals < 0 ? "" : Decode(pair[(equals + 1)..]);
            switch (name.ToLowerInvariant())
            {
                // jQuery adds this parameter to bypass caches; documents ignore it.
                case "_":
                    break;
                case "kind":
                    kindValues.Add(value);
                    break;
                case "key" when key is null:
                    key = value;
                    break;
                default:
                    // A long name may be a key without its "key=", so it is not repeated.
                    var parameter = name.Length is > 0 and <= 20 ? $"the parameter \"{name}\"" : "a parameter that is not allowed";
                    fault = $"hub.topic carries {parameter}; a topic has only kind and one key.";
                    return false;
            }
        }

        if (!TryReadKinds(kindValues, out var kinds))
        {
            fault = "hub.topic names an invalid kind; a kind has 1 to 32 characters of a-z 0-9 . _ -, and there are at most 50.";
            return false;
        }

        topic = new Topic(feedId, format, kinds, string.IsNullOrEmpty(key) ? null : key);
        fault = null;
        return true;
    }

    private string Build(Uri publicUrl, string? keyPart)
    {
        var url = new StringBuilder(publicUrl.GetLeftPart(UriPartial.Path).TrimEnd('/'))
            .Append("/feeds/").Append(OpaqueId.Format(FeedId)).Append('.').Append(Format.Extension());
        var separator = '?';
        if (Kinds is not null)
        {
            url.Append(separator).Append("kind=").Append(Kinds);
            separator = '&';
        }

        return keyPart is null ? url.ToString() : url.Append(separator).Append(keyPart).ToString();
    }

    private static bool SameOrigin(Uri one, Uri other) =>
        one.Scheme == other.Scheme && string.Equals(one.Host, other.Host, StringComparison.OrdinalIgnoreCase) && one.Port == other.Port;

    private static string Decode(string text) => Uri.UnescapeDataString(text.Replace('+', ' '));
}
