using ActivityHub.Bench.Reporting;

namespace ActivityHub.Bench.Running;

/// <summary>One benchmark.</summary>
/// <param name="Name">As it is asked for.</param>
/// <param name="Title">Of its table.</param>
/// <param name="Method">What is measured, and against what.</param>
internal sealed record Benchmark(string Name, string Title, string Method, Func<Session, Task<IReadOnlyList<Row>>> RunAsync);
