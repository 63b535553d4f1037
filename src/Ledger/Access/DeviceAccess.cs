using System.Buffers.Binary;
using ActivityHub.Ledger.Devices;
using ActivityHub.Ledger.Keys;
using ActivityHub.Ledger.Places;
using ActivityHub.Ledger.Storage;
using ActivityHub.Ledger.Updates;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Caching.Memory;

namespace ActivityHub.Ledger.Access;

/// <summary>
/// The feed that a device key, or the key in an ingest address, may write to, and the access version under which this was read.
/// </summary>
public sealed record WriteDecision(long DeviceId, long FeedId, int AccessVersion)
{
    public DeviceRules Rules { get; init; } = DeviceRules.None;

    /// <summary>The private zones of the owner; read only if places are thinned.</summary>
    public IReadOnlyList<PrivateZone> Zones { get; init; } = [];
}

/// <summary>
/// Finds the feed that a key may write to. Decisions are cached. The append compares the decision's access version with the feed's row, so
/// a revoked decision appends nothing.
/// </summary>
public sealed class DeviceAccess(IDbContextFactory<LedgerContext> contexts, FeedLoader feeds) : IDisposable
{
    private readonly MemoryCache _decisions = new(new MemoryCacheOptions { SizeLimit = 200_000 });

    /// <summary>Finds the decision for a key; null if the key is not valid.</summary>
    /// <param name="key">The key as received: a device key, or the key of an ingest address.</param>
    /// <param name="fresh">True after an append found the cached decision outdated: reads the ledger again.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    public async ValueTask<WriteDecision?> FindAsync(string key, bool fresh, CancellationToken cancellationToken)
    {
        if (key.Length is 0 or > AccessKey.MaxLength)
        {
            return null;
        }

        var hash = AccessKey.HashOf(key);
        var name = new HashName(hash);
        if (!fresh && _decisions.TryGetValue(name, out WriteDecision? known))
        {
            return known;
        }

        var decision = await ReadAsync(
            devices => devices.Where(device => device.KeyHash == hash || device.IngestHash == hash), cancellationToken);
        if (decision is null)
        {
            _decisions.Remove(name);
            return null;
        }

        return _decisions.Set(name, decision, new MemoryCacheEntryOptions { Size = 1, SlidingExpiration = TimeSpan.FromMinutes(30) });
    }

    /// <summary>Finds the decision for a device without a key, for the hub itself on behalf of the device's owner.</summary>
    public Task<WriteDecision?> OfDeviceAsync(long deviceId, CancellationToken cancellationToken) =>
        ReadAsync(devices => devices.Where(device => device.Id == deviceId), cancellationToken);

    public void Dispose() => _decisions.Dispose();

    private async Task<WriteDecision?> ReadAsync(Func<IQueryable<Device>, IQueryable<Device>> which, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        if (await DeviceAsync(context, which, cancellationToken) is not { } device ||
            await feeds.FindAsync(device.FeedId, cancellationToken) is not { } feed)
        {
            return null;
        }

        // The key may have changed between the two reads. The decision is valid for this version only if the key is still valid after the
        // version was read.
        if (await DeviceAsync(context, which, cancellationToken) is not { } again)
        {
            return null;
        }

        // The zones are read after the version. A zone that is added later raises the version.
        PrivateZone[] zones = again.Rules.ThinMetres is null ? []
            : await context.PrivateZones.AsNoTracking().Where(zone => zone.AccountId == feed.AccountId).ToArrayAsync(cancellationToken);
        return new WriteDecision(device.Id, feed.Id, feed.AccessVersion) { Rules = again.Rules, Zones = zones };
    }

    private static Task<DeviceRow?> DeviceAsync(
        LedgerContext context, Func<IQueryable<Device>, IQueryable<Device>> which, CancellationToken cancellationToken) =>
        which(context.Devices).Select(device => new DeviceRow(
                device.Id, device.FeedId, new DeviceRules(device.TakenKinds, device.ThinMetres, device.ThinMinutes, device.Passphrase)))
            .FirstOrDefaultAsync(cancellationToken);

    private sealed record DeviceRow(long Id, long FeedId, DeviceRules Rules);

    private readonly record struct HashName(UInt128 High, UInt128 Low)
    {
        public HashName(byte[] hash)
            : this(BinaryPrimitives.ReadUInt128BigEndian(hash), BinaryPrimitives.ReadUInt128BigEndian(hash.AsSpan(16)))
        {
        }
    }
}
