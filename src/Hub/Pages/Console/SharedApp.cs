using ActivityHub.Ledger.Apps;
using ActivityHub.Ledger.Devices;
using ActivityHub.Ledger.Storage;
using Microsoft.EntityFrameworkCore;
using OpenIddict.Abstractions;

namespace ActivityHub.Hub.Pages.Console;

/// <summary>An app that sees a feed, by the consent through which it does.</summary>
/// <param name="Consent">The consent's id.</param>
/// <param name="Name">What the app calls itself.</param>
/// <param name="Homepage">Where people learn more of it; null where it has none.</param>
/// <param name="Since">When the owner said yes.</param>
/// <param name="Grants">Its views of this feed.</param>
/// <param name="Others">Names of the owner's other phones that it sees by the same yes.</param>
public sealed record SharedApp(
    string Consent, string Name, string? Homepage, DateTimeOffset Since, IReadOnlyList<long> Grants, IReadOnlyList<string> Others)
{
    internal static async Task<List<SharedApp>> OfFeedAsync(LedgerContext context, long feedId, CancellationToken cancellationToken)
    {
        var ids = await context.AppGrants.Where(tie => tie.FeedId == feedId).Select(tie => tie.ConsentId).Distinct()
            .ToListAsync(cancellationToken);
        if (ids.Count == 0)
        {
            return [];
        }

        var consents = await context.AppConsents.AsNoTracking()
            .Where(row => ids.Contains(row.Id!) && row.Status == OpenIddictConstants.Statuses.Valid)
            .Include(row => row.Application).OrderByDescending(row => row.CreationDate).ThenBy(row => row.Id)
            .ToListAsync(cancellationToken);
        var ties = await context.AppGrants.AsNoTracking().Where(tie => ids.Contains(tie.ConsentId))
            .Select(tie => new { tie.ConsentId, tie.GrantId, tie.FeedId }).ToListAsync(cancellationToken);
        var feeds = ties.Select(tie => tie.FeedId).Where(id => id != feedId).Distinct().ToList();
        var names = await context.Devices.Where(device => feeds.Contains(device.FeedId))
            .ToDictionaryAsync(device => device.FeedId, device => device.Name, cancellationToken);
        var byConsent = ties.ToLookup(tie => tie.ConsentId);
        return consents.ConvertAll(row => new SharedApp(
            row.Id!,
            row.Application!.DisplayName ?? row.Application.ClientId!,
            row.Application.Homepage.Length == 0 ? null : row.Application.Homepage,
            new DateTimeOffset(DateTime.SpecifyKind(row.CreationDate ?? default, DateTimeKind.Utc)),
            [.. byConsent[row.Id!].Where(tie => tie.FeedId == feedId).Select(tie => tie.GrantId)],
            [.. byConsent[row.Id!].Select(tie => names.GetValueOrDefault(tie.FeedId)).OfType<string>().Distinct().Order()]));
    }
}
