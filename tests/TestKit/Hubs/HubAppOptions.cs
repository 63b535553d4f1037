using Microsoft.AspNetCore.Builder;

namespace ActivityHub.TestKit;

/// <summary>What a test wants otherwise than the product has it.</summary>
public sealed class HubAppOptions
{
    /// <summary>The clock of the hub; a FakeTimeProvider lets a test pass an hour in no time. The system's unless set.</summary>
    public TimeProvider? Time { get; set; }

    /// <summary>By which name it is reached; what it listens on is 127.0.0.1 all the same.</summary>
    public string PublicHost { get; set; } = "127.0.0.1";

    /// <summary>
    /// Settings by their configuration keys, such as <c>Deliveries:Timeout</c>; they win over those that HubApp makes itself.
    /// </summary>
    public IDictionary<string, string?> Settings { get; } = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);

    /// <summary>A server of the test's own to keep the database on, one that it may take away; the shared one unless set.</summary>
    public PostgresServer? Postgres { get; set; }

    /// <summary>A last word on the builder, run after the product has registered everything.</summary>
    public Action<WebApplicationBuilder>? Configure { get; set; }
}
