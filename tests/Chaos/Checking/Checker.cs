using System.Security.Cryptography;
using System.Text;

namespace ActivityHub.Chaos.Checking;

/// <summary>
/// Checks the deliveries that callbacks received against the promises (design §3, §5). It knows nothing of how the hub works. Its input is
/// the log, the promise, every POST in order of arrival, and the times of the disturbances.
/// </summary>
internal static class Checker
{
    /// <summary>
    /// A sender that gives up a POST closes the connection at once; the callback may notice it later, when the machine has time.
    /// </summary>
    private static readonly TimeSpan Hearing = TimeSpan.FromSeconds(1);

    public static CheckResult Check(Promise promise, FeedLog log, IReadOnlyList<Delivery> deliveries, Disturbances disturbances)
    {
        var run = new Run(promise, log, disturbances);
        foreach (var delivery in deliveries)
        {
            run.Take(delivery);
        }

        if (promise.SilentFrom is null)
        {
            run.MissNothing();
        }

        return new CheckResult(run.Faults, deliveries.Count, run.Repeats);
    }

    private static readonly string[] AllKinds = ["all"];

    private sealed class Run(Promise promise, FeedLog log, Disturbances disturbances)
    {
        private readonly Dictionary<string, LogEntry> _byId = log.Entries.DistinctBy(entry => entry.Id).ToDictionary(entry => entry.Id);
        private readonly List<LogEntry> _visible = [.. log.Entries.Where(promise.Shows)];
        private readonly Dictionary<long, DateTimeOffset> _acceptedAt = [];

        // Updates that were accepted, or perhaps accepted. An answer that the sender may have received counts too.
        private readonly HashSet<long> _settled = [];
        private Delivery? _before;

        // Indexes in the list of visible updates: the last one certainly accepted, and the last one perhaps accepted.
        private int _accepted = -1;
        private int _perhaps = -1;

        public List<Fault> Faults { get; } = [];

        /// <summary>The number of updates that came again after they had been accepted, near a disturbance.</summary>
        public int Repeats { get; private set; }

        public void Take(Delivery delivery)
        {
            CheckSignature(delivery);
            if (promise.SilentFrom is { } end && delivery.At > end)
            {
                Add(FaultKind.AfterTheEnd, $"a POST came {(delivery.At - end).TotalSeconds:0.0} s too late");
            }

            if (delivery.HasGap)
            {
                Add(FaultKind.Gap, "a gap was announced");
            }

            if (_before is { } before && delivery.At + Hearing < before.EndedAt && !disturbances.Cover(delivery.At))
            {
                Add(
                    FaultKind.TwoAtOnce,
                    $"a POST came {(before.EndedAt - delivery.At).TotalSeconds:0.0} s before the one before it had ended");
            }

            _before = delivery;

            var places = Places(delivery);
            if (places.Count == 0)
            {
                return;
            }

            CheckOrder(places);
            if (delivery.Verdict == Verdict.Accepted)
            {
                foreach (var place in places)
                {
                    _acceptedAt[_visible[place].Seq] = delivery.EndedAt;
                }

                _accepted = Math.Max(_accepted, places[^1]);
            }

            if (delivery.Verdict != Verdict.Refused)
            {
                _settled.UnionWith(places.Select(place => _visible[place].Seq));
                _perhaps = Math.Max(_perhaps, places[^1]);
            }
        }

        public void MissNothing()
        {
            var missing = _visible.Where(entry => entry.Seq > promise.AtLatestAfter && !_settled.Contains(entry.Seq)).ToList();
            if (missing.Count > 0)
            {
                Add(
                    FaultKind.Lost,
                    $"{missing.Count} updates were never accepted, the first is {missing[0].Id}, "
                    + $"number {missing[0].Seq} of {log.Entries.Count}");
            }
        }

        // Returns the indexes of the delivered updates among the visible ones; unexpected updates are reported as faults and left out.
        private List<int> Places(Delivery delivery)
        {
            foreach (var update in delivery.Older)
            {
                // A subscriber sees the part of the feed that its view shows, including updates from before it subscribed.
                if (Find(update) is { } entry && promise.Kinds?.Contains(entry.Kind) is false)
                {
                    Add(FaultKind.Leaked, $"{entry.Id}, number {entry.Seq}, is {entry.Kind}, and came as a part of the feed");
                }
            }

            var places = new List<int>();
            foreach (var update in delivery.Updates)
            {
                if (Find(update) is not { } entry)
                {
                    continue;
                }

                if (promise.Shows(entry))
                {
                    places.Add(_visible.BinarySearch(entry, BySeq.Instance));
                }
                else
                {
                    Add(
                        FaultKind.Leaked,
                        $"{entry.Id}, number {entry.Seq}, is {entry.Kind}; visible "
                        + $"are {string.Join(',', promise.Kinds ?? AllKinds)} after {promise.After}");
                }
            }

            return places;
        }

        private LogEntry? Find(DeliveredUpdate update)
        {
            if (update.Id is null || !_byId.TryGetValue(update.Id, out var entry))
            {
                Add(FaultKind.NeverSent, $"{update.Id ?? "an update without an id"} came and is not in the log");
                return null;
            }

            if (update.Kind != entry.Kind || (promise.Numbered ? update.Seq != entry.Seq : update.Seq is not null))
            {
                Add(
                    FaultKind.OtherId,
                    $"{entry.Id} is number {entry.Seq}, {entry.Kind}; it came as {update.Seq?.ToString() ?? "a token"}, {update.Kind}");
            }

            return entry;
        }

        private void CheckOrder(List<int> places)
        {
            for (var i = 1; i < places.Count; i++)
            {
                if (places[i] != places[i - 1] + 1)
                {
                    Add(FaultKind.WrongOrder, $"within one document {Name(places[i])} follows {Name(places[i - 1])}");
                }
            }

            var first = places[0];
            if (_perhaps < 0 ? first > 0 && _visible[first - 1].Seq > promise.AtLatestAfter : first > _perhaps + 1)
            {
                Add(
                    FaultKind.WrongOrder,
                    $"{Name(first)} came when {(_perhaps < 0 ? "nothing" : Name(_perhaps))} was the last to be accepted");
            }

            foreach (var place in places.Where(place => place <= _accepted))
            {
                if (!_acceptedAt.TryGetValue(_visible[place].Seq, out var at) || disturbances.Cover(at))
                {
                    Repeats++;
                }
                else
                {
                    Add(
                        FaultKind.Repeated,
                        $"{Name(place)} came again; it had been accepted at {at:HH:mm:ss.fff} and nothing was broken then");
                }
            }
        }

        private void CheckSignature(Delivery delivery)
        {
            var right = promise.Secret is { } secret
                ? "sha256=" + Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), delivery.Body.Span))
                : null;
            if (delivery.Signature != right)
            {
                Add(FaultKind.WrongSignature, $"it is {delivery.Signature ?? "missing"}, it should be {right ?? "absent"}");
            }
        }

        private string Name(int place) => $"{_visible[place].Id} (number {_visible[place].Seq})";

        private void Add(FaultKind kind, string text) => Faults.Add(new Fault(kind, promise.Where, text));
    }

    private sealed class BySeq : IComparer<LogEntry>
    {
        public static BySeq Instance { get; } = new();

        public int Compare(LogEntry? x, LogEntry? y) => x!.Seq.CompareTo(y!.Seq);
    }
}

/// <summary>The check result of one subscription.</summary>
internal sealed record CheckResult(IReadOnlyList<Fault> Faults, int Posts, int Repeats);
