using Microsoft.AspNetCore.Builder;

namespace ActivityHub.TestKit;

/// <summary>What a test changes from the product's defaults.</summary>
public sealed class HubAppOptions
{
    /// <summary>The hub's clock; a FakeTimeProvider lets an hour pass at once. The system's clock unless set.</summary>
    public TimeProvider? Time { get; set; }

    /// <summary>The host name in the public URL; the hub always listens on 127.0.0.1.</summary>
    public string PublicHost { get; set; } = "127.0.0.1";

    /// <summary>
    /// Settings by their configuration keys, such as <c>Deliveries:Timeout</c>; they override the settings that HubApp makes itself.
    /// </summary>
    public IDictionary<string, string?> Settings { get; } = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);

    /// <summary>A server of the test for the database, which the test may stop; the shared server unless set.</summary>
    public PostgresServer? Postgres { get; set; }

    /// <summary>Changes the builder after the product has registered everything.</summary>
    public Action<WebApplicationBuilder>? Configure { get; set; }
}
