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
/// Renders a feed's documents once and caches their bytes until something that they show changes. An unchanged read costs one look at the
/// feed's row and no rendering; under a view that hides updates it also costs one look at the newest updates of the log.
/// </summary>
internal sealed class DocumentCache(
    FeedScan scan, ReaderPlaces places, RootKey root, LogGeneration generation, IOptions<HubOptions> hub, IOptions<ReadOptions> options,
    TimeProvider time) : IDisposable
{
    private readonly MemoryCache _kept = new(new MemoryCacheOptions { SizeLimit = options.Value.CachedMebibytes * 1024L * 1024L });
    private readonly ConcurrentDictionary<(DocumentName Name, DocumentStamp Stamp), Lazy<Task<RenderedDocument?>>> _rendering = new();

    public static Problem UnknownPosition(FeedQuery query) => Problem.BadQuery(
        query.After is null ? "before" : "after",
        "This is no position of this feed as you may see it; send one that a document, a stream or a delivery gave you under the same "
        + "key.");

    /// <summary>Returns null where the position in the query was never given out.</summary>
    public async ValueTask<RenderedDocument?> FindAsync(
        Opened opened, FeedFormat format, FeedQuery query, CancellationToken cancellationToken)
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

        // Readers of a popular feed ask at the same moment after an update. One request renders, the others wait for it, and an aborted
        // request does not stop it.
        var rendering = _rendering.GetOrAdd(
            (name, stamp), static (key, state) => new(() => state.Documents.RenderAsync(key.Name, key.Stamp, state.Opened, state.Query)),
            (Documents: this, Opened: opened, Query: query));
        return await rendering.Value.WaitAsync(cancellationToken);
    }

    /// <summary>Lists the feeds with cached documents, and the access version under which each was rendered.</summary>
    public IReadOnlyDictionary<long, int> Feeds => _kept.Keys.OfType<long>()
        .Select(feedId => (feedId, Keeping: _kept.Get<Keeping>(feedId))).Where(pair => pair.Keeping is not null)
        .ToDictionary(pair => pair.feedId, pair => pair.Keeping!.AccessVersion);

    /// <summary>
    /// Evicts all documents of a feed whose access has changed or that is gone, so that old renderings do not stay in memory.
    /// </summary>
    public void Forget(long feedId) => _kept.Remove(feedId);

    public void Dispose() => _kept.Dispose();

    private async Task<RenderedDocument?> RenderAsync(DocumentName name, DocumentStamp stamp, Opened opened, FeedQuery query)
    {
        try
        {
            // Taken before anything is read: an eviction during the rendering keeps its result out of the cache.
            var kept = KeepingOf(name.FeedId, name.AccessVersion);
            var positions = Positions.For(opened.Grant, root, generation.Current);
            if (await ReadAsync(opened, query, positions) is not { } read)
            {
                return null;
            }

            var document = Render(name.Format, opened, query, positions, read);
            // Counts the compressed forms too, although they are made later. A document larger than the whole cache is not cached.
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
    /// Returns whether rendering now would give the same document. Where the view hides nothing, the feed's head decides. Otherwise every
    /// read queries the log: hidden new updates leave the document as it is, and the reader pays the same statement whether or not there
    /// are any.
    /// </summary>
    private async ValueTask<bool> HoldsAsync(
        Kept kept, DocumentStamp stamp, Opened opened, FeedQuery query, CancellationToken cancellationToken)
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

        // New updates do not change an older page.
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

    // Stored in the same cache as the documents, so it is evicted with them. Evicting it evicts the feed's documents too: without it they
    // could no longer be invalidated.
    private Keeping KeepingOf(long feedId, int accessVersion)
    {
        if (_kept.TryGetValue(feedId, out Keeping? known))
        {
            if (known!.AccessVersion >= accessVersion)
            {
                // Access changed during the rendering: the requests that wait get the document, but it is not cached.
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
            return new PageOfReader(
                await scan.BackAsync(opened, query.Kinds, long.MaxValue, query.Limit, CancellationToken.None), Gap: null);
        }

        var reading = positions.Read(text, out var position);
        if (reading == PositionReading.None)
        {
            return null;
        }

        // A number of an earlier view must reveal nothing, so every number gets the same answer: from the beginning of what the view shows,
        // or from its end.
        var isNumber = reading == PositionReading.Number;
        var place = isNumber ? default : await places.FindAsync(opened.Feed, position, CancellationToken.None);
        if (query.After is null)
        {
            var before = isNumber ? long.MaxValue : place.IsGap ? place.After + 1 : position.Seq;
            var isLost = isNumber || (place.IsGap && position.Generation != generation.Current);
            return new PageOfReader(
                await scan.BackAsync(opened, query.Kinds, before, query.Limit, CancellationToken.None),
                isLost ? GapOf(positions, place, position) : null);
        }

        return new PageOfReader(
            await scan.ForwardAsync(opened, query.Kinds, place.After, query.Limit, CancellationToken.None),
            isNumber || place.IsGap ? GapOf(positions, place, position) : null);
    }

    // Where the view hides updates, numbers would reveal how many.
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

    /// <summary>The time for which the documents of a feed stay cached together.</summary>
    private sealed class Keeping
    {
        private readonly CancellationTokenSource _end = new();

        public Keeping(int accessVersion)
        {
            AccessVersion = accessVersion;
            Token = new CancellationChangeToken(_end.Token);
        }

        /// <summary>Stands for documents that are not cached.</summary>
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

    /// <summary>A cached document.</summary>
    private sealed class Kept(RenderedDocument document, DocumentStamp stamp, DateTimeOffset? validUntil)
    {
        private long _readUpTo = stamp.Head;

        public RenderedDocument Document { get; } = document;

        public DocumentStamp Stamp { get; } = stamp;

        /// <summary>The time at which the document changes without a new update; null = never.</summary>
        public DateTimeOffset? ValidUntil { get; } = validUntil;

        /// <summary>
        /// Updates after the rendering are hidden up to this number. Two readers at once may set it back, which costs a second look at a
        /// few updates.
        /// </summary>
        public long ReadUpTo
        {
            get => Interlocked.Read(ref _readUpTo);
            set => Interlocked.Exchange(ref _readUpTo, value);
        }
    }
}

/// <summary>The key of a document: everything that shapes it and does not change with the feed.</summary>
internal sealed record DocumentName(
    long FeedId, int AccessVersion, long GrantId, FeedFormat Format,
    string? Kinds, int Limit, string? Before, string? After, string? Callback, string? Key, string? AsGrant)
{
    /// <summary>The query without the reader key.</summary>
    public override string ToString() => $"{OpaqueId.Format(FeedId)}.{Format.Extension()}";
}

/// <summary>The state of the feed's row when a document was rendered; another state makes the document stale.</summary>
internal readonly record struct DocumentStamp(long Head, long Pruned, string Title, int Rejudged);
