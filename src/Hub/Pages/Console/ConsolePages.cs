using ActivityHub.FeedApi.Owners;
using ActivityHub.Hub.Accounts;
using ActivityHub.Hub.Api;
using ActivityHub.Hub.Api.Devices;
using ActivityHub.Hub.Api.Devices.Setup;
using ActivityHub.Hub.Api.Subscriptions;
using ActivityHub.Ledger;
using ActivityHub.Ledger.Access;
using ActivityHub.Ledger.Devices;
using ActivityHub.Ledger.Grants;
using ActivityHub.Ledger.Keys;
using ActivityHub.Ledger.Storage;
using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Ledger.Updates;
using ActivityHub.Web;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace ActivityHub.Hub.Pages.Console;

/// <summary>The owner's console: the phones' data, their readers, and the state of deliveries. Its changes are made by the API.</summary>
internal static class ConsolePages
{
    private const int MostDevices = 50;
    private const int MostRows = 200;
    private const int MostRequests = 50;
    private const int MostFreshNotices = 3;

    // The first page lists the newest entries.
    private static readonly TimeSpan FreshNotice = TimeSpan.FromDays(7);

    public static void MapConsole(this IEndpointRouteBuilder routes)
    {
        var pages = routes.MapGroup("").RequireAuthorization(SessionCookie.Policy);
        pages.MapGet("/today", Today);
        pages.MapGet("/notices", Notices);
        pages.MapGet("/receipts", Receipts);
        pages.MapGet("/devices/{device}/", Device);
        pages.MapGet("/devices/{device}/feed.json", Feed);
        pages.MapGet("/devices/{device}/stream", Stream);
        pages.MapGet("/devices/{device}/observed", Observed);
        pages.MapGet("/devices/{device}/setup", Setup);
        pages.MapGet("/devices/{device}/sharing", Sharing);
        pages.MapGet("/devices/{device}/sharing/{grant}", AsTheySeeIt);
        pages.MapGet("/devices/{device}/subscriptions", Subscriptions);
        pages.MapGet("/devices/{device}/subscriptions/{subscription}", Subscription);
        pages.MapGet("/devices/{device}/messages", Messages);
        pages.MapGet("/devices/{device}/rejected", Rejected);
        pages.MapGet("/devices/{device}/settings", Settings);
        pages.MapAdministration();
    }

    private static async Task<IResult> Today(
        Owner owner, HttpContext http, IDbContextFactory<LedgerContext> contexts, OwnerView view, TimeProvider time)
    {
        await using var context = await contexts.CreateDbContextAsync(http.RequestAborted);
        var devices = await context.Devices.AsNoTracking().Where(row => row.AccountId == owner.AccountId).OrderBy(row => row.CreatedAt)
            .ThenBy(row => row.Id)
            .Take(MostDevices).ToListAsync(http.RequestAborted);
        var ids = devices.ConvertAll(device => device.FeedId);
        var sightings = await context.DeviceStatuses.AsNoTracking().Where(row => ids.Contains(row.FeedId))
            .ToDictionaryAsync(row => row.FeedId, http.RequestAborted);
        var received = await context.LastReceivedAsync(ids, http.RequestAborted);
        var cards = new List<DeviceCard>();
        foreach (var device in devices)
        {
            var sighting = sightings.GetValueOrDefault(device.FeedId);
            var heard = LastHeard.Of(sighting, received.TryGetValue(device.FeedId, out var at) ? at : null);
            cards.Add(await DeviceCard.ReadAsync(device, heard, sighting?.LastError, view, http.RequestAborted));
        }

        var since = time.GetUtcNow() - FreshNotice;
        var notices = await NoticeLine.ReadAsync(
            context, OwnNotices(context, owner).Where(notice => notice.At > since), MostFreshNotices, http.RequestAborted);
        return await RazorPage.ShowAsync<TodayPage>(http, new("Today"), new()
        {
            [nameof(TodayPage.Cards)] = cards,
            [nameof(TodayPage.Notices)] = notices,
            [nameof(TodayPage.Now)] = time.GetUtcNow(),
        });
    }

    private static async Task<IResult> Notices(Owner owner, HttpContext http, IDbContextFactory<LedgerContext> contexts)
    {
        await using var context = await contexts.CreateDbContextAsync(http.RequestAborted);
        return await RazorPage.ShowAsync<NoticesPage>(http, new("Notices"), new()
        {
            [nameof(NoticesPage.Lines)] = await NoticeLine.ReadAsync(context, OwnNotices(context, owner), MostRows, http.RequestAborted),
        });
    }

    private static async Task<IResult> Receipts(Owner owner, HttpContext http, IDbContextFactory<LedgerContext> contexts)
    {
        await using var context = await contexts.CreateDbContextAsync(http.RequestAborted);
        var feeds = await context.Feeds.AsNoTracking().Where(feed => feed.AccountId == owner.AccountId)
            .ToDictionaryAsync(feed => feed.Id, feed => feed.Title, http.RequestAborted);
        var ids = feeds.Keys.ToArray();
        var receipts = await context.Receipts.AsNoTracking().Where(row => ids.Contains(row.FeedId)).OrderByDescending(row => row.Hour)
            .ThenByDescending(row => row.LastAt).Take(MostRows).ToListAsync(http.RequestAborted);
        return await RazorPage.ShowAsync<ReceiptsPage>(
            http, new("Receipts"), new() { [nameof(ReceiptsPage.Receipts)] = receipts, [nameof(ReceiptsPage.Titles)] = feeds });
    }

    private static async Task<IResult> Device(
        string device, Owner owner, HttpContext http, DevicePages pages, OwnerView view, IOptions<PageOptions> options, TimeProvider time)
    {
        if (await pages.FindAsync(owner, device, http.RequestAborted) is not { } found)
        {
            return RazorPage.NotFound(http);
        }

        string[] scripts = ["live.js", .. Assets.AssetStore.Has("map.js") ? (IEnumerable<string>)["map.js", "charts.js"] : []];
        string[] styles = Assets.AssetStore.Has("map.css") ? ["map.css", "charts.css"] : [];
        return await RazorPage.ShowAsync<LivePage>(
            http, new(found.Device.Name, scripts, styles) { ImagesFrom = options.Value.TileUrl },
            new()
            {
                [nameof(LivePage.Device)] = found,
                [nameof(LivePage.TileUrl)] = options.Value.TileUrl?.OriginalString,
                [nameof(LivePage.Latest)] = await view.LatestAsync(found.Feed.Id, Kind.Geo, http.RequestAborted),
                [nameof(LivePage.Now)] = time.GetUtcNow(),
            });
    }

    private static async Task Feed(string device, Owner owner, HttpContext http, DevicePages pages, OwnerView view)
    {
        if (await pages.FindAsync(owner, device, http.RequestAborted) is { } found)
        {
            await view.AnswerAsync(http, owner.AccountId, OpaqueId.Format(found.Device.FeedId));
        }
        else
        {
            http.Response.StatusCode = StatusCodes.Status404NotFound;
        }
    }

    private static async Task Stream(
        string device, Owner owner, HttpContext http, DevicePages pages, OwnerView view, IHostApplicationLifetime lifetime)
    {
        if (await pages.FindAsync(owner, device, http.RequestAborted) is { } found)
        {
            await view.FollowAsync(http, owner.AccountId, OpaqueId.Format(found.Device.FeedId), lifetime.ApplicationStopping);
        }
        else
        {
            http.Response.StatusCode = StatusCodes.Status404NotFound;
        }
    }

    private static async Task Observed(
        string device, DateTimeOffset? from, DateTimeOffset? to, long? after, Owner owner, HttpContext http, DevicePages pages,
        OwnerView view)
    {
        if (await pages.FindAsync(owner, device, http.RequestAborted) is not { } found)
        {
            await RazorPage.NotFound(http).ExecuteAsync(http);
        }
        else if (from is null || to is null || from >= to || after < 0)
        {
            await Problem.Invalid(
                "from", "Send from and to, each a time as in RFC 3339, from before to; after is a number that an earlier answer gave.")
                    .WriteAsync(http);
        }
        else
        {
            await view.AnswerObservedAsync(http, found.Feed.Id, found.Feed.Head, new ObservedStretch(from.Value, to.Value, after));
        }
    }

    private static async Task<IResult> Setup(
        string device, string? app, Owner owner, HttpContext http, DevicePages pages, RootKey root, IOptions<HubOptions> hub)
    {
        if (await pages.FindAsync(owner, device, http.RequestAborted) is not { } found)
        {
            return RazorPage.NotFound(http);
        }

        var ingestUrl = $"{hub.Value.Base}/i/{found.Device.IngestKey(root)}";
        return await RazorPage.ShowAsync<SetupPage>(http, new($"Set up {found.Device.Name}"), new()
        {
            [nameof(SetupPage.Device)] = found,
            [nameof(SetupPage.IngestUrl)] = ingestUrl,
            [nameof(SetupPage.Base)] = hub.Value.Base,
            [nameof(SetupPage.Apps)] = PhoneApps.All.Select(known => new SetupName(known.Name, known.Title, "")).ToList(),
            [nameof(SetupPage.Chosen)] = app is not null && PhoneApps.Find(app) is { } chosen
                ? SetupResponse.Of(chosen, chosen.Make(new SetupPhone(found.Id, found.Device.Name, new Uri(ingestUrl))))
                : null,
        });
    }

    private static async Task<IResult> Sharing(
        string device, Owner owner, HttpContext http, DevicePages pages, IOptions<HubOptions> hub,
        IDbContextFactory<LedgerContext> contexts)
    {
        if (await pages.FindAsync(owner, device, http.RequestAborted) is not { } found)
        {
            return RazorPage.NotFound(http);
        }

        await using var context = await contexts.CreateDbContextAsync(http.RequestAborted);
        var grants = await context.Grants.AsNoTracking().Where(row => row.FeedId == found.Device.FeedId).OrderBy(row => row.CreatedAt)
            .ToListAsync(http.RequestAborted);
        return await RazorPage.ShowAsync<SharingPage>(http, new($"Who sees {found.Device.Name}"), new()
        {
            [nameof(SharingPage.Device)] = found,
            [nameof(SharingPage.Grants)] = grants,
            [nameof(SharingPage.Apps)] = await SharedApp.OfFeedAsync(context, found.Device.FeedId, http.RequestAborted),
            [nameof(SharingPage.Base)] = hub.Value.Base,
        });
    }

    private static async Task<IResult> AsTheySeeIt(
        string device, string grant, Owner owner, HttpContext http, DevicePages pages, IDbContextFactory<LedgerContext> contexts)
    {
        var id = OpaqueId.TryParse(grant, out var parsed) ? parsed : -1;
        await using var context = await contexts.CreateDbContextAsync(http.RequestAborted);
        if (await pages.FindAsync(owner, device, http.RequestAborted) is not { } found ||
            await context.Grants.AsNoTracking().FirstOrDefaultAsync(
                row => row.Id == id && row.FeedId == found.Device.FeedId, http.RequestAborted) is not { } shown)
        {
            return RazorPage.NotFound(http);
        }

        var receipts = await context.Receipts.AsNoTracking()
            .Where(row => row.Bucket == found.Feed.Bucket && row.FeedId == found.Feed.Id && row.GrantId == id)
            .OrderByDescending(row => row.Hour).Take(MostRows).ToListAsync(http.RequestAborted);
        return await RazorPage.ShowAsync<GrantPage>(
            http, new($"As {shown.Name} sees it", ["preview.js"]),
            new() { [nameof(GrantPage.Device)] = found, [nameof(GrantPage.Grant)] = shown, [nameof(GrantPage.Receipts)] = receipts });
    }

    private static async Task<IResult> Subscriptions(
        string device, Owner owner, HttpContext http, DevicePages pages, IDbContextFactory<LedgerContext> contexts, RootKey root,
        TimeProvider time)
    {
        if (await pages.FindAsync(owner, device, http.RequestAborted) is not { } found)
        {
            return RazorPage.NotFound(http);
        }

        await using var context = await contexts.CreateDbContextAsync(http.RequestAborted);
        var (bucket, feedId, now) = (found.Feed.Bucket, found.Feed.Id, time.GetUtcNow());
        var rows = await context.Subscriptions.AsNoTracking().Where(row => row.Bucket == bucket && row.FeedId == feedId)
            .OrderBy(row => row.State).ThenByDescending(row => row.CreatedAt).Take(MostRows).ToListAsync(http.RequestAborted);
        var cursors = await context.Cursors.AsNoTracking().Where(row => row.Bucket == bucket && row.FeedId == feedId)
            .OrderBy(row => row.Shard).ThenBy(row => row.SubscriptionId).Take(10 * MostRows)
            .ToDictionaryAsync(row => row.SubscriptionId, http.RequestAborted);
        var requests = await context.OpenRequests(feedId).OrderByDescending(row => row.CreatedAt).ThenByDescending(row => row.Id)
            .Take(MostRequests)
            .ToListAsync(http.RequestAborted);
        return await RazorPage.ShowAsync<SubscriptionsPage>(http, new($"Subscriptions to {found.Device.Name}"), new()
        {
            [nameof(SubscriptionsPage.Requests)] = requests.ConvertAll(RequestResponse.ForOwner),
            [nameof(SubscriptionsPage.Device)] = found,
            [nameof(SubscriptionsPage.IngestPath)] = $"/i/{found.Device.IngestKey(root)}",
            [nameof(SubscriptionsPage.Rows)] = rows.ConvertAll(
                row => SubscriptionResponse.Of(row, cursors.GetValueOrDefault(row.Id), found.Feed.Head, now)),
        });
    }

    private static async Task<IResult> Subscription(
        string device, string subscription, string? attempt, Owner owner, HttpContext http, DevicePages pages,
        IDbContextFactory<LedgerContext> contexts, SentAttempts sent, TimeProvider time)
    {
        await using var context = await contexts.CreateDbContextAsync(http.RequestAborted);
        if (await pages.FindAsync(owner, device, http.RequestAborted) is not { } found ||
            await context.OwnSubscription(owner, subscription).AsNoTracking().FirstOrDefaultAsync(http.RequestAborted) is not { } row ||
            row.FeedId != found.Feed.Id)
        {
            return RazorPage.NotFound(http);
        }

        var attempts = await context.Attempts.AsNoTracking()
            .Where(attempt => attempt.Bucket == row.Bucket && attempt.FeedId == row.FeedId && attempt.SubscriptionId == row.Id)
            .OrderByDescending(attempt => attempt.Id).Take(50).ToListAsync(http.RequestAborted);
        var parked = await context.ParkedOf(row).AsNoTracking().OrderBy(one => one.Seq).Take(MostRows).ToListAsync(http.RequestAborted);
        return await RazorPage.ShowAsync<SubscriptionPage>(http, new("A subscription"), new()
        {
            [nameof(SubscriptionPage.Device)] = found,
            [nameof(SubscriptionPage.Row)] = await context.DescribeAsync(row, time.GetUtcNow(), http.RequestAborted),
            [nameof(SubscriptionPage.Attempts)] = attempts.ConvertAll(AttemptResponse.Of),
            [nameof(SubscriptionPage.Sent)] = attempt is null
                ? null
                : await sent.FindAsync(owner, subscription, attempt, http.RequestAborted),
            [nameof(SubscriptionPage.Parked)] = parked.ConvertAll(ParkedResponse.Of),
            [nameof(SubscriptionPage.Notices)] = await NoticeLine.ReadAsync(
                context,
                context.Notices.Where(
                    notice =>
                        notice.Bucket == row.Bucket && notice.FeedId == row.FeedId &&
                            notice.SubscriptionId == row.Id), 20, http.RequestAborted),
        });
    }

    private static async Task<IResult> Messages(
        string device, Owner owner, HttpContext http, DevicePages pages, IDbContextFactory<LedgerContext> contexts)
    {
        if (await pages.FindAsync(owner, device, http.RequestAborted) is not { } found)
        {
            return RazorPage.NotFound(http);
        }

        await using var context = await contexts.CreateDbContextAsync(http.RequestAborted);
        var messages = await context.Messages.AsNoTracking().Where(row => row.Bucket == found.Feed.Bucket && row.FeedId == found.Feed.Id)
            .OrderByDescending(row => row.Id).Take(MostRows).ToListAsync(http.RequestAborted);
        return await RazorPage.ShowAsync<MessagesPage>(
            http, new($"Messages to {found.Device.Name}"),
            new() { [nameof(MessagesPage.Device)] = found, [nameof(MessagesPage.Messages)] = messages });
    }

    private static async Task<IResult> Rejected(
        string device, Owner owner, HttpContext http, DevicePages pages, IDbContextFactory<LedgerContext> contexts)
    {
        if (await pages.FindAsync(owner, device, http.RequestAborted) is not { } found)
        {
            return RazorPage.NotFound(http);
        }

        await using var context = await contexts.CreateDbContextAsync(http.RequestAborted);
        var rows = await context.RejectedMessages.AsNoTracking()
            .Where(row => row.Bucket == found.Feed.Bucket && row.FeedId == found.Feed.Id)
            .OrderByDescending(row => row.ReceivedAt).Take(50).ToListAsync(http.RequestAborted);
        return await RazorPage.ShowAsync<RejectedPage>(
            http, new($"What {found.Device.Name} sent in vain"),
            new() { [nameof(RejectedPage.Device)] = found, [nameof(RejectedPage.Rows)] = rows.ConvertAll(RejectedResponse.Of) });
    }

    private static async Task<IResult> Settings(string device, Owner owner, HttpContext http, DevicePages pages) =>
        await pages.FindAsync(owner, device, http.RequestAborted) is { } found
            ? await RazorPage.ShowAsync<SettingsPage>(
                http, new($"Settings of {found.Device.Name}"), new() { [nameof(SettingsPage.Device)] = found })
            : RazorPage.NotFound(http);

    private static IQueryable<Notice> OwnNotices(LedgerContext context, Owner owner) =>
        context.Notices.Where(notice => notice.AccountId == owner.AccountId);
}
