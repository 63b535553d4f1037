using System.Buffers;

namespace ActivityHub.Ledger.Updates;

/// <summary>The kind of an update: 1 to 32 characters of <c>a-z 0-9 . _ -</c>.</summary>
public static class Kind
{
    public const string Geo = "geo";
    public const string Battery = "battery";
    public const string Activity = "activity";
    public const string Calendar = "calendar";
    public const string Sensor = "sensor";

    /// <summary>The kinds with a known data format: sorted, separated by commas.</summary>
    public const string WellKnown = $"{Activity},{Battery},{Calendar},{Geo},{Sensor}";

    private static readonly SearchValues<char> Allowed = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789._-");

    public static bool IsValid(ReadOnlySpan<char> kind) =>
        kind.Length is > 0 and <= NewUpdate.MaxKindLength && !kind.ContainsAnyExcept(Allowed);
}
