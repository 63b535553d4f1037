using System.Net.Http.Json;
using ActivityHub.FeedApi.Access;
using ActivityHub.FeedApi.Reading;
using ActivityHub.Ledger;
using ActivityHub.Ledger.Access;
using ActivityHub.Ledger.Storage;
using ActivityHub.Ledger.Updates;
using ActivityHub.TestKit;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace ActivityHub.FeedApi.Tests.Reading;

/// <summary>
/// What an owner has taken back does not lie about in memory: the documents themselves are gone, not only the way to them.
/// </summary>
public sealed class DocumentEvictionTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory, BothDatabases]
    public async Task After_a_revocation_a_withdrawal_and_an_erasure_no_document_of_the_feed_is_left(Database database)
    {
        await using var hub = await HubApp.StartAsync(database);
        var owner = await hub.SignUpAsync();
        (string, Func<TestDevice, TestKit.TestGrant, Task>)[] ends =
        [
            ("revoked", (_, grant) => owner.RevokeAsync(grant)),
            ("withdrawn", async (device, _) =>
                (await owner.Http.DeleteAsync($"/api/feeds/{device.Feed}/updates/1", Cancel)).IsSuccessStatusCode.ShouldBeTrue()),
            ("phone erased", async (device, _) =>
                (await owner.Http.DeleteAsync($"/api/devices/{device.Id}", Cancel)).IsSuccessStatusCode.ShouldBeTrue()),
            ("account erased", async (_, _) =>
            {
                using var request = new HttpRequestMessage(
                    HttpMethod.Delete, "/api/account") { Content = JsonContent.Create(new { password = owner.Password }) };
                (await owner.Http.SendAsync(request, Cancel)).IsSuccessStatusCode.ShouldBeTrue();
            }),
        ];
        foreach (var (how, end) in ends)
        {
            var device = await owner.AddDeviceAsync();
            var grant = await owner.GrantAsync(device.Feed);
            await device.PostAsync("""{"kind":"battery","data":{"level":47}}""");
            var document = await RenderAsync(hub, device.Feed, grant);
            Collect();
            document.TryGetTarget(out _).ShouldBeTrue(how);

            await end(device, grant);

            // A withdrawal tells nobody by a signal that access has changed: that is what the look at the rows is for.
            await Eventually.ShouldAsync(
                async () =>
                {
                    await hub.Services.GetRequiredService<DocumentEviction>().LookOnceAsync(Cancel);
                    return IsGone(document);
                },
                Soon, $"the document is gone after its feed was {how}");
            hub.Services.GetRequiredService<DocumentCache>().Feeds.ContainsKey(IdOf(device.Feed)).ShouldBeFalse(how);
        }
    }

    [Theory, BothDatabases]
    public async Task By_the_signal_it_needs_no_look(Database database)
    {
        await using var hub = await HubApp.StartAsync(database);
        var owner = await hub.SignUpAsync();
        var device = await owner.AddDeviceAsync();
        var grant = await owner.GrantAsync(device.Feed);
        var document = await RenderAsync(hub, device.Feed, grant);

        await owner.RevokeAsync(grant);

        await Eventually.ShouldAsync(() => Task.FromResult(IsGone(document)), Soon, "the document is gone");
    }

    [Theory, BothDatabases]
    public async Task Where_the_signal_is_lost_the_rows_tell(Database database)
    {
        await using var hub = await HubApp.StartAsync(database);
        var owner = await hub.SignUpAsync();
        var device = await owner.AddDeviceAsync();
        var grant = await owner.GrantAsync(device.Feed);
        var document = await RenderAsync(hub, device.Feed, grant);
        var eviction = hub.Services.GetRequiredService<DocumentEviction>();
        (await eviction.LookOnceAsync(Cancel)).ShouldBe(0);
        var feedId = IdOf(device.Feed);
        await hub.Services.GetRequiredService<LedgerWriter>().WriteAsync(
            context =>
                context.Feeds.Where(feed => feed.Id == feedId)
                    .ExecuteUpdateAsync(
                        set => set.SetProperty(feed => feed.AccessVersion, feed => feed.AccessVersion + 1), Cancel), Cancel);

        (await eviction.LookOnceAsync(Cancel)).ShouldBe(1);

        await Eventually.ShouldAsync(() => Task.FromResult(IsGone(document)), Soon, "the document is gone");
    }

    // Whoever asked just before the change is still answered; what was made for him would otherwise be kept for half an hour.
    [Fact]
    public async Task What_is_rendered_for_an_access_version_that_has_passed_is_not_kept()
    {
        await using var hub = await HubApp.StartAsync(Database.Sqlite);
        var owner = await hub.SignUpAsync();
        var device = await owner.AddDeviceAsync();
        var grant = await owner.GrantAsync(device.Feed);
        var before = await OpenAsync(hub, device.Feed, grant);
        await owner.GrantAsync(device.Feed);
        var after = await RenderAsync(hub, device.Feed, grant);

        var late = await RenderAsync(hub, before);

        await Eventually.ShouldAsync(() => Task.FromResult(IsGone(late)), Soon, "the late document is gone");
        after.TryGetTarget(out _).ShouldBeTrue();
    }

    private static async Task<WeakReference<RenderedDocument>> RenderAsync(HubApp hub, string feed, TestKit.TestGrant grant) =>
        await RenderAsync(hub, await OpenAsync(hub, feed, grant));

    private static async Task<WeakReference<RenderedDocument>> RenderAsync(HubApp hub, Opened opened)
    {
        FeedQuery.TryRead(new QueryCollection(), FeedFormat.Json, out var query, out _).ShouldBeTrue();
        var document = await hub.Services.GetRequiredService<DocumentCache>().FindAsync(opened, FeedFormat.Json, query, Cancel);
        return new WeakReference<RenderedDocument>(document!);
    }

    private static async Task<Opened> OpenAsync(HubApp hub, string feed, TestKit.TestGrant grant)
    {
        var row = await hub.Services.GetRequiredService<FeedLoader>().FindAsync(IdOf(feed), Cancel);
        return new Opened(
            row!,
            (await hub.Services.GetRequiredService<FeedAccess>().FindAsync(row!, grant.Key, TimeProvider.System.GetUtcNow(), Cancel))!,
            IsPublic: false);
    }

    private static long IdOf(string feed) => OpaqueId.TryParse(feed, out var id) ? id : throw new InvalidOperationException(feed);

    private static bool IsGone(WeakReference<RenderedDocument> document)
    {
        Collect();
        return !document.TryGetTarget(out _);
    }

    private static void Collect()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
    }
}
