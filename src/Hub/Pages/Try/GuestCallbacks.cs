using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Threading.Channels;

namespace ActivityHub.Hub.Pages.Try;

/// <summary>A delivery as it arrived.</summary>
/// <param name="At">The time of its arrival.</param>
/// <param name="Headers">The received headers that describe the delivery.</param>
/// <param name="IsSigned">Whether it is signed with the secret.</param>
/// <param name="Body">The beginning of it.</param>
/// <param name="Milliseconds">From the receipt of its newest update to its arrival; null where the delivery has no time.</param>
internal sealed record Arrival(DateTime At, IReadOnlyDictionary<string, string> Headers, bool IsSigned, string Body, double? Milliseconds);

/// <summary>
/// The callbacks that visitors watch. They exist in this process alone: a delivery is shown once, to the open page, and not stored.
/// </summary>
internal sealed class GuestCallbacks(TimeProvider time)
{
    public const int MaxBody = 16 * 1024;

    private const int Waiting = 20;

    // Of what waits for visitors to look, of all of them together, in bytes; beyond it arrivals are shown without headers and body.
    private const int MostHeld = 16 * 1024 * 1024;

    private static readonly IReadOnlyDictionary<string, string> NoHeaders = new Dictionary<string, string>();

    private long _held;

    private readonly ConcurrentDictionary<string, Callback> _callbacks = new(StringComparer.Ordinal);

    public (string Name, string Secret) Open(DateTimeOffset until)
    {
        var (name, secret) = (Convert.ToHexStringLower(
            RandomNumberGenerator.GetBytes(16)), Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)));
        _callbacks[name] = new Callback(secret, until, Channel.CreateBounded<Arrival>(
            new BoundedChannelOptions(Waiting) { FullMode = BoundedChannelFullMode.DropOldest }, Seen));
        return (name, secret);
    }

    /// <summary>Answers a verification. False where there is no such callback.</summary>
    public bool Confirm(string name)
    {
        if (!_callbacks.TryGetValue(name, out var callback))
        {
            return false;
        }

        callback.IsConfirmed = true;
        return true;
    }

    /// <summary>Null where there is no such callback.</summary>
    public bool? IsConfirmed(string name) => _callbacks.TryGetValue(name, out var callback) ? callback.IsConfirmed : null;

    /// <summary>False where there is no such callback.</summary>
    public bool Take(string name, IHeaderDictionary headers, ReadOnlySpan<byte> body)
    {
        if (!_callbacks.TryGetValue(name, out var callback))
        {
            return false;
        }

        var now = time.GetUtcNow();
        var text = Encoding.UTF8.GetString(body[..Math.Min(body.Length, MaxBody)]);
        var arrival = new Arrival(
            now.UtcDateTime, Shown(headers), IsSigned(headers["X-Hub-Signature"].ToString(), callback.Secret, body), text,
            DelayOf(text, now));
        if (Interlocked.Add(ref _held, SizeOf(arrival)) > MostHeld)
        {
            Seen(arrival);
            arrival = arrival with { Body = "", Headers = NoHeaders };
        }

        if (!callback.Arrivals.Writer.TryWrite(arrival))
        {
            Seen(arrival);
        }

        return true;
    }

    /// <summary>Null where there is no such callback.</summary>
    public ChannelReader<Arrival>? Read(string name) => _callbacks.TryGetValue(name, out var callback) ? callback.Arrivals.Reader : null;

    /// <summary>An arrival is held no longer: it was shown, or made room for a newer one.</summary>
    public void Seen(Arrival arrival) => Interlocked.Add(ref _held, -SizeOf(arrival));

    public void Sweep()
    {
        var now = time.GetUtcNow();
        foreach (var (name, callback) in _callbacks)
        {
            if (callback.Until < now && _callbacks.TryRemove(name, out _))
            {
                callback.Arrivals.Writer.TryComplete();
                while (callback.Arrivals.Reader.TryRead(out var arrival))
                {
                    Seen(arrival);
                }
            }
        }
    }

    private static Dictionary<string, string> Shown(IHeaderDictionary headers) => headers
        .Where(
            header =>
                header.Key is "Content-Type" or "Link" or "X-Hub-Signature" ||
                    header.Key.StartsWith("Hub-", StringComparison.OrdinalIgnoreCase))
        .ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase);

    private static long SizeOf(Arrival arrival) =>
        (arrival.Body.Length + arrival.Headers.Sum(header => header.Key.Length + header.Value.Length)) * sizeof(char);

    private static bool IsSigned(string header, string secret, ReadOnlySpan<byte> body)
    {
        if (!header.StartsWith("sha256=", StringComparison.Ordinal))
        {
            return false;
        }

        var expected = "sha256=" + Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), body));
        return CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(header), Encoding.ASCII.GetBytes(expected));
    }

    // The newest stands first in each document.
    private static double? DelayOf(string body, DateTimeOffset now)
    {
        const string Name = "\"received\":\"";
        var at = body.IndexOf(Name, StringComparison.Ordinal);
        if (at < 0)
        {
            return null;
        }

        var end = body.IndexOf('"', at + Name.Length);
        return end > 0 &&
            DateTimeOffset.TryParse(body.AsSpan(at + Name.Length, end - at - Name.Length), CultureInfo.InvariantCulture, out var received)
            ? Math.Round((now - received).TotalMilliseconds, 1)
            : null;
    }

    private sealed record Callback(string Secret, DateTimeOffset Until, Channel<Arrival> Arrivals)
    {
        public bool IsConfirmed { get; set; }
    }
}
