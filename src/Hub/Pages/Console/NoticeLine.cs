using ActivityHub.Hub.Api.Notices;
using ActivityHub.Ledger;
using ActivityHub.Ledger.Devices;
using ActivityHub.Ledger.Storage;
using ActivityHub.Ledger.Subscriptions;
using Microsoft.EntityFrameworkCore;

namespace ActivityHub.Hub.Pages.Console;

/// <summary>A notice about a subscription, as the pages show it.</summary>
/// <param name="Kind">As in the API.</param>
/// <param name="At">The time of the notice.</param>
/// <param name="What">A sentence or two.</param>
/// <param name="Phone">The phone's name.</param>
/// <param name="Callback">Null once the subscription is forgotten.</param>
/// <param name="Path">The page with more about it; null as above.</param>
public sealed record NoticeLine(string Kind, DateTimeOffset At, string What, string Phone, string? Callback, string? Path)
{
    internal static async Task<List<NoticeLine>> ReadAsync(
        LedgerContext context, IQueryable<Notice> notices, int most, CancellationToken cancellationToken)
    {
        var told = await notices.AsNoTracking().NewestAsync(context, most, cancellationToken);
        var feeds = told.Select(one => one.Notice.FeedId).Distinct().ToList();
        var devices = feeds.Count == 0 ? [] : await context.Devices.AsNoTracking().Where(device => feeds.Contains(device.FeedId))
            .ToDictionaryAsync(device => device.FeedId, cancellationToken);
        return told.ConvertAll(one =>
        {
            var device = devices.GetValueOrDefault(one.Notice.FeedId);
            return new NoticeLine(
                NoticeWords.Kind(one.Notice.Kind), one.Notice.At, NoticeWords.What(one.Notice, one.About), device?.Name ?? "",
                one.About?.Callback,
                device is null || one.About is null
                    ? null
                    : $"/devices/{OpaqueId.Format(device.Id)}/subscriptions/{OpaqueId.Format(one.About.Id)}");
        });
    }
}
