using ActivityHub.Ledger.Places;
using ActivityHub.Ledger.Updates;

namespace ActivityHub.Ledger.Devices;

/// <summary>
/// What the owner has set for what a phone's apps send. A change raises the access version of the feed, as a change of the key does.
/// </summary>
/// <param name="TakenKinds">Which kinds are taken, separated by commas; null = all.</param>
/// <param name="ThinMetres">Places no farther than this from the last stored one are merged into it; null = all are stored.</param>
/// <param name="ThinMinutes">For no longer than this.</param>
/// <param name="Passphrase">For OwnTracks' encryption, sealed; null = none.</param>
public sealed record DeviceRules(string? TakenKinds, int? ThinMetres, int? ThinMinutes, byte[]? Passphrase)
{
    public static DeviceRules None { get; } = new(null, null, null, null);

    /// <summary>How places are thinned by these rules; null where they are not.</summary>
    public ThinningRule? ThinningWithin(IReadOnlyList<PrivateZone> zones) =>
        this is { ThinMetres: { } metres, ThinMinutes: { } minutes }
            ? new ThinningRule(metres, TimeSpan.FromMinutes(minutes)) { Zones = zones }
            : null;

    public bool Takes(string kind) => TakenKinds is null || TakenKinds.Split(',').Contains(kind, StringComparer.Ordinal);
}
