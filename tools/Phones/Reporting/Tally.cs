using System.Collections.Concurrent;
using ActivityHub.Phones.Http;

namespace ActivityHub.Phones.Reporting;

/// <summary>Counts the sent updates of a run and their results. Thread-safe.</summary>
internal sealed class Tally
{
    private const int FaultsKept = 10;
    private readonly ConcurrentQueue<string> _faults = new();
    private long _accepted;
    private long _duplicates;
    private long _errors;
    private long _retries;
    private long _sent;
    private long _unsent;

    public long Accepted => Volatile.Read(ref _accepted);

    public long Duplicates => Volatile.Read(ref _duplicates);

    /// <summary>The updates that were refused, or lost: no answer states their result.</summary>
    public long Errors => Volatile.Read(ref _errors);

    public long Retries => Volatile.Read(ref _retries);

    public long Sent => Volatile.Read(ref _sent);

    /// <summary>The updates that were read but never sent: after a loss, an unreadable line, or the stop.</summary>
    public long Unsent => Volatile.Read(ref _unsent);

    public LatencyHistogram Latencies { get; } = new();

    /// <summary>The first faults, as text.</summary>
    public IReadOnlyCollection<string> Faults => _faults;

    public bool AllWell => Errors == 0 && Unsent == 0;

    public void Add(int sent, WriteOutcome outcome)
    {
        Interlocked.Add(ref _sent, sent);
        Interlocked.Add(ref _accepted, outcome.Accepted);
        Interlocked.Add(ref _duplicates, outcome.Duplicates);
        Interlocked.Add(ref _errors, outcome.RefusedCount + outcome.LostCount);
        Interlocked.Add(ref _retries, outcome.Retries);
        foreach (var fault in outcome.Faults)
        {
            Keep(fault);
        }
    }

    public void LeaveUnsent(long count, string? fault = null)
    {
        Interlocked.Add(ref _unsent, count);
        if (fault is not null)
        {
            Keep(fault);
        }
    }

    private void Keep(string fault)
    {
        if (_faults.Count < FaultsKept)
        {
            _faults.Enqueue(fault);
        }
    }
}
