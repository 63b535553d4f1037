using System.Collections.Concurrent;
using System.Globalization;
using ActivityHub.FeedApi.Access;
using ActivityHub.FeedApi.Settings;
using ActivityHub.Ledger;
using ActivityHub.Ledger.Grants;
using ActivityHub.Ledger.Keys;
using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Ledger.Updates;
using ActivityHub.Syndication;
using ActivityHub.Web;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace ActivityHub.FeedApi.Reading;

/// <summary>
/// A feed's documents, rendered once and kept as bytes for as long as nothing has changed that they show: an unchanged read costs the
/// feed's row, under a view that hides something also a look at what is new in the log, and no rendering.
/// </summary>
internal sealed class DocumentCache(
    FeedScan scan, ReaderPlaces places, RootKey root, LogGeneration generation, IOptions<HubOptions> hub, IOptions<ReadOptions> options, TimeProvider time) : IDisposable
{
    private readonly MemoryCache _kept = new(new MemoryCacheOptions { SizeLimit = options.Value.CachedMebibytes * 1024L * 1024L });
    private readonly ConcurrentDictionary<(DocumentName Name, DocumentStamp Stamp), Lazy<Task<RenderedDocument?>>> _rendering = new();

    public static Problem UnknownPosition(FeedQuery query) => Problem.BadQuery(
        query.After is null ? "before" : "after",
        "This is no position of this feed as you may see it; send one that a document, a stream or a delivery gave you under the same key.");

    /// <summary>Null where the query's position never was one.</summary>
    public async ValueTask<RenderedDocument?> FindAsync(Opened opened, FeedFormat format, FeedQuery query, CancellationToken cancellationToken)
    {
        var name = new DocumentName(
            opened.Feed.Id, opened.Feed.AccessVersion, opened.Grant.Id, format,
            query.Kinds, query.Limit, query.Before, query.After, query.Callback, query.Key, query.Grant);
        var stamp = new DocumentStamp(
            opened.Feed.Head, opened.Feed.Pruned, opened.Feed.Title, opened.Grant.Zones.Count > 0 ? opened.Feed.Rejudged : 0);
        if (_kept.TryGetValue(name, out Kept? kept) && await HoldsAsync(kept!, stamp, opened, query, cancellationToken))
        {
            return kept!.Document;
        }

        // Readers of a popular feed all come at once after an update: one renders, the others wait for it, and nobody's abort stops it.
        var rendering = _rendering.GetOrAdd(
            (name, stamp), static (key, state) => new(() => state.Documents.RenderAsync(key.Name, key.Stamp, state.Opened, state.Query)),
            (Documents: this, Opened: opened, Query: query));
        return await rendering.Value.WaitAsync(cancellationToken);
    }

    /// <summary>The feeds of which there are documents, and under which access version they were made.</summary>
    public IReadOnlyDictionary<long, int> Feeds => _kept.Keys.OfType<long>()
        .Select(feedId => (feedId, Keeping: _kept.Get<Keeping>(feedId))).Where(pair => pair.Keeping is not null)
        .ToDictionary(pair => pair.feedId, pair => pair.Keeping!.AccessVersion);

    /// <summary>Lets go of all documents of a feed: access to it has changed, or it is gone, and what was rendered before is not to linger.</summary>
    public void Forget(long feedId) => _kept.Remove(feedId);

    public void Dispose() => _kept.Dispose();

    private async Task<RenderedDocument?> RenderAsync(DocumentName name, DocumentStamp stamp, Opened opened, FeedQuery query)
    {
        try
        {
            // Before anything is read: what is forgotten while this is rendered is not kept afterwards.
            var kept = KeepingOf(name.FeedId, name.AccessVersion);
            var positions = Positions.For(opened.Grant, root, generation.Current);
            if (await ReadAsync(opened, query, positions) is not { } read)
            {
                return null;
            }

            var document = Render(name.Format, opened, query, positions, read);
            // Its packed forms come later and are counted here already; a document that is larger than all the room is not kept.
            var size = 1024 + (document.Length * 3L / 2);
            var keeping = new MemoryCacheEntryOptions { Size = size, SlidingExpiration = TimeSpan.FromMinutes(30) };
            keeping.AddExpirationToken(kept.Token);
            _kept.Set(name, new Kept(document, stamp, read.Page.ValidUntil), keeping);
            return document;
        }
        finally
        {
            _rendering.TryRemove((name, stamp), out _);
        }
    }

    /// <summary>
    /// Whether the document still is what would be made now. Where a view hides nothing, the feed's head says so. Elsewhere the question is asked of the log, under every
    /// head: what is new and hidden leaves the document as it is, and costs its reader the same statement as when nothing is new.
    /// </summary>
    private async ValueTask<bool> HoldsAsync(Kept kept, DocumentStamp stamp, Opened opened, FeedQuery query, CancellationToken cancellationToken)
    {
        if (opened.Grant.HidesNothing)
        {
            return kept.Stamp == stamp;
        }

        var now = time.GetUtcNow();
        if (kept.Stamp with { Head = stamp.Head } != stamp || kept.ValidUntil <= now)
        {
            return false;
        }

        // An older page is the same whatever comes.
        if (query.Before is not null)
        {
            return true;
        }

        if (await scan.HiddenUpToAsync(opened, query.Kinds, kept.ReadUpTo, now, cancellationToken) is not { } hiddenUpTo)
        {
            return false;
        }

        kept.ReadUpTo = hiddenUpTo;
        return true;
    }

    // Kept among the documents themselves, so that what is known of feeds that nobody reads any more goes as they do; and they go with it, however it goes,
    // or nobody could have them forgotten any more.
    private Keeping KeepingOf(long feedId, int accessVersion)
    {
        if (_kept.TryGetValue(feedId, out Keeping? known))
        {
            if (known!.AccessVersion >= accessVersion)
            {
                // Rendered for whoever had asked before access was changed: his to read, nobody's to keep.
                return known.AccessVersion == accessVersion ? known : Keeping.Over;
            }

            Forget(feedId);
        }

        var entry = new MemoryCacheEntryOptions { Size = 128, AbsoluteExpirationRelativeToNow = TimeSpan.FromHours(1) };
        entry.RegisterPostEvictionCallback(static (_, keeping, _, _) => ((Keeping)keeping!).End());
        return _kept.Set(feedId, new Keeping(accessVersion), entry);
    }

    private async Task<PageOfReader?> ReadAsync(Opened opened, FeedQuery query, Positions positions)
    {
        if ((query.After ?? query.Before) is not { } text)
        {
            return new PageOfReader(await scan.BackAsync(opened, query.Kinds, long.MaxValue, query.Limit, CancellationToken.None), Gap: null);
        }

        var reading = positions.Read(text, out var position);
        if (reading == PositionReading.None)
        {
            return null;
        }

        // A number of an earlier view tells nothing only if every number is answered alike: from the beginning of what the view shows, or from its end.
        var isNumber = reading == PositionReading.Number;
        var place = isNumber ? default : await places.FindAsync(opened.Feed, position, CancellationToken.None);
        if (query.After is null)
        {
            var before = isNumber ? long.MaxValue : place.IsGap ? place.After + 1 : position.Seq;
            var isLost = isNumber || (place.IsGap && position.Generation != generation.Current);
            return new PageOfReader(
                await scan.BackAsync(opened, query.Kinds, before, query.Limit, CancellationToken.None), isLost ? GapOf(positions, place, position) : null);
        }

        return new PageOfReader(
            await scan.ForwardAsync(opened, query.Kinds, place.After, query.Limit, CancellationToken.None),
            isNumber || place.IsGap ? GapOf(positions, place, position) : null);
    }

    // Where the view hides something, numbers would tell how much.
    private static string GapOf(Positions positions, ReaderPlace place, Position position) =>
        positions.ArePlain ? string.Create(CultureInfo.InvariantCulture, $"{place.After + 1}-{position.Seq}") : "yes";

    private RenderedDocument Render(FeedFormat format, Opened opened, FeedQuery query, Positions positions, PageOfReader read)
    {
        var page = read.Page;
        var self = new Topic(opened.Feed.Id, format, query.Kinds, query.Key).Canonical(hub.Value.PublicUrl);
        var description = new FeedDescription
        {
            FeedId = opened.Feed.Id,
            Title = opened.Feed.Title,
            HubUrl = hub.Value.Base + "/hub",
            SelfUrl = self,
            NextUrl = page.Next is { } next ? NextUrl(self, query, positions.Write(next)) : null,
            Updated = page.Newest ?? opened.Feed.CreatedAt,
            Positions = positions,
        };
        return new RenderedDocument(FeedRenderer.Render(format, description, page.Updates, query.Callback))
        {
            ContentType = format.ContentType(),
            Link = WebLinking.Header(description.HubUrl, self, nextUrl: description.NextUrl),
            LastModified = description.Updated,
            LastModifiedTells = page.IsAloneInItsSecond,
            IsPublic = opened.IsPublic,
            Gap = read.Gap,
            Range = page.Range,
        };
    }

    private static string NextUrl(string self, FeedQuery query, string position)
    {
        var separator = self.Contains('?', StringComparison.Ordinal) ? '&' : '?';
        var limit = query.Limit == FeedQuery.DefaultLimit ? "" : $"limit={query.Limit}&";
        var grant = query.Grant is null ? "" : $"grant={query.Grant}&";
        return $"{self}{separator}{grant}{limit}{(query.After is null ? "before" : "after")}={position}";
    }

    /// <summary>For how long the documents of a feed are kept together.</summary>
    private sealed class Keeping
    {
        private readonly CancellationTokenSource _end = new();

        public Keeping(int accessVersion)
        {
            AccessVersion = accessVersion;
            Token = new CancellationChangeToken(_end.Token);
        }

        /// <summary>Of what is not kept at all.</summary>
        public static Keeping Over { get; } = Ended();

        public int AccessVersion { get; }

        public IChangeToken Token { get; }

        public void End() => _end.Cancel();

        private static Keeping Ended()
        {
            var over = new Keeping(-1);
            over.End();
            return over;
        }
    }

    private sealed record PageOfReader(FeedPage Page, string? Gap);

    /// <summary>A document that is kept.</summary>
    private sealed class Kept(RenderedDocument document, DocumentStamp stamp, DateTimeOffset? validUntil)
    {
        private long _readUpTo = stamp.Head;

        public RenderedDocument Document { get; } = document;

        public DocumentStamp Stamp { get; } = stamp;

        /// <summary>When time alone changes it; null = never.</summary>
        public DateTimeOffset? ValidUntil { get; } = validUntil;

        /// <summary>What came after the document was made is hidden up to this number. Two readers at once may set it back: then a little is looked at again.</summary>
        public long ReadUpTo
        {
            get => Interlocked.Read(ref _readUpTo);
            set => Interlocked.Exchange(ref _readUpTo, value);
        }
    }
}

/// <summary>What a document is of: everything that shapes it and does not change with the feed.</summary>
internal sealed record DocumentName(
    long FeedId, int AccessVersion, long GrantId, FeedFormat Format,
    string? Kinds, int Limit, string? Before, string? After, string? Callback, string? Key, string? AsGrant)
{
    /// <summary>Without the key.</summary>
    public override string ToString() => $"{OpaqueId.Format(FeedId)}.{Format.Extension()}";
}

/// <summary>How the feed's row stood when a document was made of it: under another one it is made again.</summary>
internal readonly record struct DocumentStamp(long Head, long Pruned, string Title, int Rejudged);
