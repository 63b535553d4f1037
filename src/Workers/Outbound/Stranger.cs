namespace ActivityHub.Workers.Outbound;

/// <summary>A callback that has never said yes: somebody named it, perhaps to have the hub knock there.</summary>
internal sealed class Stranger(string host)
{
    private static readonly HttpRequestOptionsKey<Stranger> Key = new("stranger");

    /// <summary>As <see cref="Ledger.Subscriptions.CallbackHost"/> names it.</summary>
    public string Host { get; } = host;

    /// <summary>What it was connected to, if a connection was made for it.</summary>
    public IReadOnlyList<string> Addresses { get; set; } = [];

    public static Stranger? Behind(HttpRequestMessage request) => request.Options.TryGetValue(Key, out var stranger) ? stranger : null;

    public void Mark(HttpRequestMessage request) => request.Options.Set(Key, this);
}
