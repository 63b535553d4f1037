using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;

namespace ActivityHub.Ledger.Access;

/// <summary>
/// Limits the requests of each client: a burst, then a number of requests a minute. It is in memory, for this process only. It uses the
/// generic cell rate algorithm (ITU-T I.371), a token bucket that needs one number: the time at which the bucket will be full again. So
/// each partition is one cell of an array, used without a lock and without an allocation, and memory is bounded for any number of clients.
/// Clients that share a cell share its rate.
/// </summary>
public sealed class RequestRate
{
    /// <summary>The number of cells: half a mebibyte. Of 10,000 clients at the same time one in seven shares a cell with another.</summary>
    public const int Partitions = 65_536;

    // A new random number in each process, so that a client cannot compute which ids share a cell.
    private static readonly ulong Multiplier = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8)) | 1;
    private static readonly int Shift = 64 - BitOperations.Log2(Partitions);

    private readonly long[] _fullAt = new long[Partitions];
    private readonly TimeProvider _time;
    private readonly long _step;
    private readonly long _room;

    /// <param name="name">The name of the limit in the headers.</param>
    /// <param name="burst">The number of requests in a row.</param>
    /// <param name="perMinute">The number of requests a minute after the burst.</param>
    /// <param name="time">The source of durations. The calendar is not used, so setting the clock does not affect the limit.</param>
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

    /// <summary>The value for the <c>RateLimit-Policy</c> header: a quota q over a window of w seconds.</summary>
    public string Policy { get; }

    /// <summary>The limit as text for people.</summary>
    public string Pace =>
        PerMinute % 60 == 0 ? $"{Burst} in a row, then {PerMinute / 60} a second" : $"{Burst} in a row, then {PerMinute} a minute";

    /// <summary>
    /// Returns the partition of an id: the high bits of its product with a secret odd number. Ids are public, and a client can create some
    /// of them as often as it likes. Without the secret number it could find an id that shares the cell of another client.
    /// </summary>
    public static int PartitionOf(long id) => (int)(((ulong)id * Multiplier) >> Shift);

    /// <summary>Takes one request from the limit, if one is left.</summary>
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
