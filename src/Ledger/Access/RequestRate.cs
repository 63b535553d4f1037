using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;

namespace ActivityHub.Ledger.Access;

/// <summary>
/// How often each of many may ask: so many times in a row, then so many times a minute. In memory, of this process. It is the generic cell rate
/// algorithm (ITU-T I.371), a token bucket that needs one number: the moment at which the bucket will be full again. So each partition is a cell of
/// one array, taken from without a lock and without an allocation, and memory is bounded whoever comes: who shares a cell shares its rate.
/// </summary>
public sealed class RequestRate
{
    /// <summary>Half a mebibyte; of 10,000 who ask at the same time every seventh shares a cell with another.</summary>
    public const int Partitions = 65_536;

    // Drawn anew in each process: which ids share a cell can be computed by nobody outside.
    private static readonly ulong Multiplier = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8)) | 1;
    private static readonly int Shift = 64 - BitOperations.Log2(Partitions);

    private readonly long[] _fullAt = new long[Partitions];
    private readonly TimeProvider _time;
    private readonly long _step;
    private readonly long _room;

    /// <param name="name">Of whom: what the headers call it.</param>
    /// <param name="burst">How many in a row.</param>
    /// <param name="perMinute">How many after that.</param>
    /// <param name="time">Durations, not the calendar: a clock that is set does not open or close anything.</param>
    public RequestRate(string name, int burst, long perMinute, TimeProvider time)
    {
        (Name, Burst, PerMinute, _time) = (name, burst, perMinute, time);
        _step = Math.Max(1, 60 * time.TimestampFrequency / perMinute);
        _room = _step * burst;
        Policy = string.Create(CultureInfo.InvariantCulture, $"\"{name}\";q={burst};w={SecondsIn(_room)}");
    }

    public string Name { get; }

    public int Burst { get; }

    public long PerMinute { get; }

    /// <summary>For <c>RateLimit-Policy</c>: a quota q over a window of w seconds.</summary>
    public string Policy { get; }

    /// <summary>As people are told of it.</summary>
    public string Pace =>
        PerMinute % 60 == 0 ? $"{Burst} in a row, then {PerMinute / 60} a second" : $"{Burst} in a row, then {PerMinute} a minute";

    /// <summary>
    /// The partition of an id: the high bits of its product with a secret odd number. Ids are known outside, and some can be made as often as one likes;
    /// without the number that would find one that shares the cell of another.
    /// </summary>
    public static int PartitionOf(long id) => (int)(((ulong)id * Multiplier) >> Shift);

    /// <summary>Takes one, where there is one left.</summary>
    public RequestQuota Take(int partition)
    {
        ref var cell = ref _fullAt[partition];
        while (true)
        {
            var now = _time.GetTimestamp();
            var fullAt = Volatile.Read(ref cell);
            var next = Math.Max(fullAt, now) + _step;
            if (next - now > _room)
            {
                return new RequestQuota(this, false, 0, SecondsIn(fullAt - now), TimeSpan.FromSeconds(SecondsIn(next - now - _room)));
            }

            if (Interlocked.CompareExchange(ref cell, next, fullAt) == fullAt)
            {
                return new RequestQuota(this, true, (_room - (next - now)) / _step, SecondsIn(next - now), TimeSpan.Zero);
            }
        }
    }

    private long SecondsIn(long ticks) => (ticks + _time.TimestampFrequency - 1) / _time.TimestampFrequency;
}
