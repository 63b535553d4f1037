using ActivityHub.Ledger.Storage;
using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Workers.Outbound;
using Microsoft.EntityFrameworkCore;

namespace ActivityHub.Hub.Pages.Console;

/// <summary>
/// A host with failing callbacks, for the operator: the host alone, since the rest of a callback's address may be secret.
/// </summary>
/// <param name="Host">Host and port.</param>
/// <param name="Callbacks">The number of its failing callbacks, of those that are due first.</param>
/// <param name="Since">The time of the first failure.</param>
/// <param name="LeftAloneUntil">The end of the breaker's pause in this process, if it is open.</param>
public sealed record FailingHost(string Host, int Callbacks, DateTimeOffset? Since, DateTimeOffset? LeftAloneUntil)
{
    private const int MostCursors = 1000;
    private const int MostHosts = 50;

    internal static async Task<List<FailingHost>> ReadAsync(LedgerContext context, OpenCircuits? alone, CancellationToken cancellationToken)
    {
        // The first entries of an index that holds nothing but cursors that fail.
        var failing = await context.Cursors.AsNoTracking().Where(cursor => cursor.Lane == Lane.CatchUp && cursor.Failures > 0)
            .OrderBy(cursor => cursor.DueAt).Take(MostCursors)
            .Join(
                context.Subscriptions,
                cursor => new { cursor.Bucket, cursor.FeedId, Id = cursor.SubscriptionId },
                row => new { row.Bucket, row.FeedId, row.Id },
                (cursor, row) => new { row.Callback, cursor.FailingSince })
            .ToListAsync(cancellationToken);
        var left = (alone?.Read() ?? []).GroupBy(one => one.Host, StringComparer.OrdinalIgnoreCase)
            .ToDictionary(group => group.Key, group => group.Max(one => one.Until), StringComparer.OrdinalIgnoreCase);
        var hosts = failing.GroupBy(one => HostOf(one.Callback), StringComparer.OrdinalIgnoreCase)
            .Select(
                group =>
                    new FailingHost(
                        group.Key, group.Count(), group.Min(one => one.FailingSince), left.Remove(group.Key, out var until) ? until : null))
                            .ToList();
        return [.. hosts.Concat(left.Select(one => new FailingHost(one.Key, 0, null, one.Value)))
            .OrderByDescending(host => host.LeftAloneUntil is not null).ThenByDescending(host => host.Callbacks)
            .ThenBy(host => host.Host, StringComparer.Ordinal).Take(MostHosts)];
    }

    private static string HostOf(string callback) => new Uri(callback).Authority;
}
