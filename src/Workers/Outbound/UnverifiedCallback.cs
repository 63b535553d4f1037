namespace ActivityHub.Workers.Outbound;

/// <summary>A callback that has never confirmed a request: anyone may have named it, perhaps to make the hub call a victim.</summary>
internal sealed class UnverifiedCallback(string host)
{
    private static readonly HttpRequestOptionsKey<UnverifiedCallback> Key = new("stranger");

    /// <summary>As <see cref="Ledger.Subscriptions.CallbackHost"/> names it.</summary>
    public string Host { get; } = host;

    /// <summary>
    /// The address that the connection of its last call leads to, as <see cref="UnverifiedCallbackThrottle"/> names it; null = none was
    /// made.
    /// </summary>
    public string? Address { get; set; }

    public static UnverifiedCallback? Behind(HttpRequestMessage request) =>
        request.Options.TryGetValue(Key, out var unverified) ? unverified : null;

    public void Attach(HttpRequestMessage request) => request.Options.Set(Key, this);
}
