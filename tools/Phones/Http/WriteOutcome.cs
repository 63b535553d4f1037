namespace ActivityHub.Phones.Http;

/// <summary>What became of updates that were written.</summary>
/// <param name="Accepted">New to the hub.</param>
/// <param name="Duplicates">The hub had them already.</param>
/// <param name="RefusedCount">The hub named a fault of theirs.</param>
/// <param name="LostCount">No answer came that says what became of them.</param>
/// <param name="Retries">Requests beyond the first of each.</param>
/// <param name="DeviceRefused">The fault is the device's (its key, its feed): further updates would meet the same.</param>
/// <param name="Faults">For people, each beginning with where the update came from.</param>
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

    /// <summary>Whether the device may go on without a hole or a hopeless repeat.</summary>
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
