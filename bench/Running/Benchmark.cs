using ActivityHub.Bench.Reporting;

namespace ActivityHub.Bench.Running;

/// <summary>One benchmark.</summary>
/// <param name="Name">The name on the command line.</param>
/// <param name="Title">The title of its table.</param>
/// <param name="Method">What is measured, and compared with what.</param>
internal sealed record Benchmark(string Name, string Title, string Method, Func<Session, Task<IReadOnlyList<Row>>> RunAsync);
