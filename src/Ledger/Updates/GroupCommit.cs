using System.Diagnostics;
using System.Threading.Channels;
using ActivityHub.Ledger.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ActivityHub.Ledger.Updates;

/// <summary>
/// Appends all waiting requests in one transaction. While one group is written, the next one gathers; no timer delays a request. As many
/// groups run at once as the database can use: with only one, the database would be idle while answers and new requests travel. Two groups
/// never write to the same feed at once, so a feed's requests are stored in order of arrival.
/// </summary>
public sealed partial class GroupCommit(
    IFeedLog log, LedgerSignals signals, IOptions<IngestOptions> options, IngestMetrics metrics, TimeProvider time,
    ILogger<GroupCommit> logger) : BackgroundService
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(2);
    private static readonly ActivitySource Spans = new("ActivityHub.Ledger");

    private readonly Channel<Waiting> _queue = Channel.CreateBounded<Waiting>(
        new BoundedChannelOptions(options.Value.QueuedRequests) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    private readonly long _maxWeight = options.Value.QueuedMebibytes * 1024L * 1024L;
    private readonly Lock _lock = new();

    // The feeds of the groups that are being written.
    private readonly HashSet<long> _writing = [];
    private long _weight;
    private Waiting? _heldBack;

    /// <summary>
    /// Completes once the request is on disk or was refused. It cannot be cancelled: a request in a group is written even if its caller no
    /// longer waits.
    /// </summary>
    public Task<AppendOutcome> AppendAsync(AppendRequest request)
    {
        if (!request.Updates.All(update => update.IsUnicode))
        {
            return Task.FromResult<AppendOutcome>(
                new AppendOutcome.Refused("A text holds U+0000 or half of a surrogate pair: the database cannot store either."));
        }

        var waiting = new Waiting(request);
        if (Interlocked.Add(ref _weight, request.Weight) > _maxWeight || !_queue.Writer.TryWrite(waiting))
        {
            Interlocked.Add(ref _weight, -request.Weight);
            var full = new AppendOutcome.Unavailable(RetryAfter, "More updates arrive than can be stored at once.");
            metrics.Settled(full);
            return Task.FromResult<AppendOutcome>(full);
        }

        return waiting.Outcome;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Do not use the stopping token: requests that wait at a stop are still written, and their phones get their answers.
        await Task.Yield();
        metrics.Observe(() => _queue.Reader.Count, () => Interlocked.Read(ref _weight));
        metrics.Begin();
        using var slots = new SemaphoreSlim(log.GroupsAtOnce);
        try
        {
            while (_heldBack is not null || await _queue.Reader.WaitToReadAsync(CancellationToken.None))
            {
                await slots.WaitAsync(CancellationToken.None);
                var group = Gather();
                if (group.Count == 0)
                {
                    // The feed of the next request is being written. Once no group is being written, the request can start.
                    await RestAsync(slots);
                    group = Gather();
                }

                _ = CommitAsync(group, slots);
            }
        }
        finally
        {
            _queue.Writer.TryComplete();
            for (var slot = 0; slot < log.GroupsAtOnce; slot++)
            {
                await slots.WaitAsync(CancellationToken.None);
            }
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        _queue.Writer.TryComplete();
        if (ExecuteTask is { } loop)
        {
            await loop.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await base.StopAsync(cancellationToken);
    }

    // The caller holds one slot. Once this method has acquired all other slots, no other group is being written.
    private async Task RestAsync(SemaphoreSlim slots)
    {
        var others = log.GroupsAtOnce - 1;
        for (var other = 0; other < others; other++)
        {
            await slots.WaitAsync(CancellationToken.None);
        }

        if (others > 0)
        {
            slots.Release(others);
        }
    }

    private async Task CommitAsync(List<Waiting> group, SemaphoreSlim slot)
    {
        try
        {
            await CommitAsync(group);
        }
        finally
        {
            lock (_lock)
            {
                _writing.ExceptWith(group.Select(waiting => waiting.Request.FeedId));
            }

            slot.Release();
        }
    }

    /// <summary>Returns an empty group if the feed of the first waiting request is being written.</summary>
    private List<Waiting> Gather()
    {
        var group = new List<Waiting>();
        lock (_lock)
        {
            Gather(group);
            _writing.UnionWith(group.Select(waiting => waiting.Request.FeedId));
        }

        return group;
    }

    private void Gather(List<Waiting> group)
    {
        var updates = 0;
        var versions = new Dictionary<long, int>();
        while (group.Count < options.Value.GroupRequests)
        {
            if (_heldBack is null && !_queue.Reader.TryRead(out _heldBack))
            {
                return;
            }

            var request = _heldBack!.Request;
            if (_writing.Contains(request.FeedId))
            {
                return;
            }

            updates += request.Updates.Count;
            // Requests with different access versions of one feed do not share a group: a void request must not count as a first
            // occurrence.
            if (group.Count > 0 && (updates > options.Value.GroupUpdates ||
                (versions.TryGetValue(request.FeedId, out var version) && version != request.AccessVersion)))
            {
                return;
            }

            versions[request.FeedId] = request.AccessVersion;
            group.Add(_heldBack);
            Interlocked.Add(ref _weight, -request.Weight);
            _heldBack = null;
        }
    }

    private async Task CommitAsync(IReadOnlyList<Waiting> group)
    {
        AppendOutcome[] outcomes;
        try
        {
            outcomes = await AppendAsync([.. group.Select(waiting => waiting.Request)]);
        }
        catch (RefusedByDatabaseException exception) when (group.Count == 1)
        {
            Log.Refused(logger, OpaqueId.Format(group[0].Request.FeedId), exception.Message);
            Settle(group[0], new AppendOutcome.Refused(exception.Message));
            return;
        }
        catch (RefusedByDatabaseException)
        {
            // One request is at fault, but the database does not report which. Halve the group until that request is alone.
            var half = group.Count / 2;
            await CommitAsync([.. group.Take(half)]);
            await CommitAsync([.. group.Skip(half)]);
            return;
        }
#pragma warning disable CA1031 // After any error, every request gets an answer and the loop continues: without the loop no phone is served.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.Away(logger, group.Count, exception);
            var outcome = new AppendOutcome.Unavailable(RetryAfter, "The database cannot be written just now.");
            foreach (var waiting in group)
            {
                Settle(waiting, outcome);
            }

            return;
        }

        List<Waiting>? overtaken = null;
        for (var i = 0; i < group.Count; i++)
        {
            if (outcomes[i] is AppendOutcome.Overtaken)
            {
                (overtaken ??= []).Add(group[i]);
                continue;
            }

            Settle(group[i], outcomes[i]);
            if (outcomes[i] is AppendOutcome.Appended { Stored: > 0 })
            {
                Raise(group[i].Request.FeedId);
            }
        }

        if (overtaken is not null)
        {
            await CommitAsync(overtaken);
        }
    }

    private async Task<AppendOutcome[]> AppendAsync(AppendRequest[] requests)
    {
        using var span = Spans.StartSpan("group commit", ActivityKind.Internal, requests.Select(request => request.Trace));
        span?.SetTag("hub.requests", requests.Length);
        var started = TimeProvider.System.GetTimestamp();
        try
        {
            var outcomes = await log.AppendAsync(requests, time.GetUtcNow(), CancellationToken.None);
            metrics.Committed(requests, TimeProvider.System.GetElapsedTime(started));
            return outcomes;
        }
        catch
        {
            span?.SetStatus(ActivityStatusCode.Error);
            throw;
        }
    }

    private void Settle(Waiting waiting, AppendOutcome outcome)
    {
        metrics.Settled(outcome);
        waiting.Settle(outcome);
    }

    private void Raise(long feedId)
    {
        try
        {
            signals.Raise(new Signal(SignalKind.Updates, feedId));
        }
#pragma warning disable CA1031 // A listener's error must not fail the phone's request: the update is on disk, and polling finds it.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.Unheard(logger, OpaqueId.Format(feedId), exception);
        }
    }

    private sealed class Waiting(AppendRequest request)
    {
        private readonly TaskCompletionSource<AppendOutcome> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public AppendRequest Request { get; } = request;

        public Task<AppendOutcome> Outcome => _outcome.Task;

        public void Settle(AppendOutcome outcome) => _outcome.TrySetResult(outcome);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "A request to feed {Feed} was refused by the database: {Reason}")]
        public static partial void Refused(ILogger logger, string feed, string reason);

        [LoggerMessage(2, LogLevel.Error,
            "The database could not be written: {Requests} requests were answered 503 and will be sent again by their phones")]
        public static partial void Away(ILogger logger, int requests, Exception exception);

        [LoggerMessage(3, LogLevel.Error, "A listener for updates of feed {Feed} failed")]
        public static partial void Unheard(ILogger logger, string feed, Exception exception);
    }
}
