using System.Net;

namespace ActivityHub.Workers.Outbound;

/// <summary>How a name becomes addresses: the system's resolver, and in tests one whose answers change.</summary>
internal delegate Task<IPAddress[]> Resolve(string name, CancellationToken cancellationToken);
