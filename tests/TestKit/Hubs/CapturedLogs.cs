using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Xunit;

namespace ActivityHub.TestKit;

/// <summary>The hub's last log lines, kept in memory; warnings and worse also go to the output of the test that started the hub.</summary>
public sealed class CapturedLogs : ILoggerProvider
{
    private const int Capacity = 10_000;
    private const int EchoedAtMost = 200;

    private readonly ConcurrentQueue<LogLine> _lines = new();
    private readonly ITestOutputHelper? _output = TestContext.Current.TestOutputHelper;
    private int _echoed;

    /// <summary>The last log lines (at most 10,000), oldest first.</summary>
    public IReadOnlyList<LogLine> Lines => [.. _lines];

    /// <summary>Returns the lines of this level and above.</summary>
    public IReadOnlyList<LogLine> AtLeast(LogLevel level) => [.. _lines.Where(line => line.Level >= level)];

    /// <summary>Whether a text occurs anywhere in the logged messages, values or exceptions.</summary>
    public bool Mention(string text) => _lines.Any(line => line.ToString().Contains(text, StringComparison.Ordinal));

    /// <inheritdoc />
    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    /// <inheritdoc />
    public void Dispose()
    {
        // A restart disposes the provider with its host; the captured lines stay readable.
    }

    private void Add(LogLine line)
    {
        _lines.Enqueue(line);
        while (_lines.Count > Capacity)
        {
            _lines.TryDequeue(out _);
        }

        if (line.Level < LogLevel.Warning || _output is null || Interlocked.Increment(ref _echoed) > EchoedAtMost)
        {
            return;
        }

        try
        {
            _output.WriteLine(line.ToString());
        }
        catch (InvalidOperationException)
        {
            // The test has ended, but its hub still logs.
        }
    }

    private sealed class Logger(CapturedLogs logs, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Debug;

        public void Log<TState>(LogLevel level, EventId id, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (!IsEnabled(level))
            {
                return;
            }

            var values = (state as IEnumerable<KeyValuePair<string, object?>> ?? [])
                .Where(value => value.Key != "{OriginalFormat}")
                .GroupBy(value => value.Key, value => value.Value?.ToString())
                .ToDictionary(group => group.Key, group => group.Last());
            logs.Add(new LogLine(level, category, id, formatter(state, exception), exception, values));
        }
    }
}
