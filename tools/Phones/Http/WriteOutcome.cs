namespace ActivityHub.Phones.Http;

/// <summary>The result of writing updates.</summary>
/// <param name="Accepted">The updates that were new to the hub.</param>
/// <param name="Duplicates">The updates that the hub already had.</param>
/// <param name="RefusedCount">The updates in which the hub found a fault.</param>
/// <param name="LostCount">The updates without an answer that states their result.</param>
/// <param name="Retries">The requests in addition to the first one of each batch.</param>
/// <param name="DeviceRefused">The fault is the device's (its key, its feed): further updates would fail in the same way.</param>
/// <param name="Faults">Readable messages, each beginning with the origin of the update.</param>
internal sealed record WriteOutcome(
    int Accepted,
    int Duplicates,
    int RefusedCount,
    int LostCount,
    int Retries,
    bool DeviceRefused,
    IReadOnlyList<string> Faults
)
{
    public static readonly WriteOutcome Nothing = new(0, 0, 0, 0, 0, false, []);

    /// <summary>Whether the device may continue: no update is lost, and the device was not refused.</summary>
    public bool MayGoOn => LostCount == 0 && !DeviceRefused;

    public static WriteOutcome Lost(int count, string? fault) => new(0, 0, 0, count, 0, false, fault is null ? [] : [fault]);

    public static WriteOutcome Refused(int count, bool device, IEnumerable<string> faults) => new(0, 0, count, 0, 0, device, [.. faults]);

    public static WriteOutcome operator +(WriteOutcome a, WriteOutcome b) =>
        new(
            a.Accepted + b.Accepted,
            a.Duplicates + b.Duplicates,
            a.RefusedCount + b.RefusedCount,
            a.LostCount + b.LostCount,
            a.Retries + b.Retries,
            a.DeviceRefused || b.DeviceRefused,
            [.. a.Faults, .. b.Faults]
        );
}
