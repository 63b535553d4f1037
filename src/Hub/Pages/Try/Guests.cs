using ActivityHub.Hub.Accounts;
using ActivityHub.Hub.Api.Accounts;
using ActivityHub.Ledger;
using ActivityHub.Ledger.Accounts;
using ActivityHub.Ledger.Devices;
using ActivityHub.Ledger.Grants;
using ActivityHub.Ledger.Keys;
using ActivityHub.Ledger.Storage;
using ActivityHub.Ledger.Updates;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace ActivityHub.Hub.Pages.Try;

/// <summary>What a visitor is given: a feed, the key that writes to it, and one that reads it.</summary>
public sealed record Guest(string Feed, string Device, string DeviceKey, string ReaderKey, string Callback, string Secret);

/// <summary>
/// The visitors without an account: each has an account that cannot be signed in to, under a name that no mail server can have (RFC 2606
/// §2). It is erased like any other an hour later.
/// </summary>
internal sealed partial class Guests(
    IDbContextFactory<LedgerContext> contexts, LedgerWriter writer, AccountErasure erasure, GuestCallbacks callbacks, RootKey root,
    IOptions<TryOptions> options, TimeProvider time, ILogger<Guests> logger) : BackgroundService
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(1);
    private static readonly string Ending = Account.Normalize(GuestAddress.Domain);

    /// <summary>Null where there are as many as there may be.</summary>
    public async Task<Guest?> WelcomeAsync(CancellationToken cancellationToken)
    {
        var now = time.NowAsStored();
        var (deviceKey, readerKey) = (AccessKey.NewDevice(), AccessKey.NewReader());
        var made = await writer.WriteAsync(
            async context =>
            {
                if (await context.Accounts.CountAsync(
                    row => row.NormalizedEmail.EndsWith(Ending), cancellationToken) >= options.Value.MostFeeds)
                {
                    return null;
                }

                // No password hashes to this.
                var account = Account.SignUp($"{OpaqueId.Format(OpaqueId.New())}{GuestAddress.Domain}", "", isAdministrator: false, now);
                var feed = Feed.Open(account.Id, "A phone on trial", now);
                var device = Device.Join(account.Id, feed.Id, "A phone on trial", deviceKey, root, now);
                context.AddRange(account, feed, device, Grant.Give(feed.Id, "you", readerKey, now));
                await context.SaveChangesAsync(cancellationToken);
                return device;
            },
            cancellationToken);
        if (made is null)
        {
            return null;
        }

        var (callback, secret) = callbacks.Open(now + Lifetime);
        return new Guest(OpaqueId.Format(made.FeedId), OpaqueId.Format(made.Id), deviceKey.Text, readerKey.Text, callback, secret);
    }

    /// <summary>Erases those whose hour is over; returns how many.</summary>
    public async Task<int> SweepAsync(CancellationToken cancellationToken)
    {
        callbacks.Sweep();
        var before = time.GetUtcNow() - Lifetime;
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var over = await context.Accounts.Where(row => row.NormalizedEmail.EndsWith(Ending) && row.CreatedAt < before)
            .OrderBy(row => row.CreatedAt)
            .Take(100).Select(row => row.Id).ToListAsync(cancellationToken);
        foreach (var account in over)
        {
            await erasure.EraseAsync(account, cancellationToken);
        }

        return over.Count;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                try
                {
                    await SweepAsync(stoppingToken);
                }
#pragma warning disable CA1031 // Most likely the database is away: the next minute tries again.
                catch (Exception exception) when (exception is not OperationCanceledException)
#pragma warning restore CA1031
                {
                    Log.Later(logger, exception.Message);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The stop.
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Feeds of visitors could not be erased ({Reason}); it is tried again in a minute")]
        public static partial void Later(ILogger logger, string reason);
    }
}
