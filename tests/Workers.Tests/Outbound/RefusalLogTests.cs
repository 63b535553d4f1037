using System.Net;
using ActivityHub.TestKit;
using ActivityHub.Workers.Outbound;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Shouldly;
using Xunit;

namespace ActivityHub.Workers.Tests.Outbound;

// A guard that refuses without a log line costs the operator an afternoon; a line for each refusal fills the disk.
public sealed class RefusalLogTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly CapturedLogs _logs = new();

    [Fact]
    public void A_host_has_one_line_a_minute_and_hosts_without_end_have_a_bounded_number()
    {
        using var factory = LoggerFactory.Create(logging => logging.AddProvider(_logs));
        var log = new RefusalLog(_time, factory.CreateLogger<RefusalLog>());

        for (var i = 0; i < 50; i++)
        {
            log.Address("inner.example", IPAddress.Loopback);
            log.Port("INNER.example", 25);
        }

        _logs.Lines.ShouldHaveSingleItem().Level.ShouldBe(LogLevel.Warning);
        _time.Advance(TimeSpan.FromSeconds(60));
        log.Challenge("inner.example", "subscribe", "It did not echo the challenge.");
        _logs.Lines[^1].Message.ShouldBe("A callback at inner.example did not confirm (mode subscribe): It did not echo the challenge.");

        for (var i = 0; i < 10_000; i++)
        {
            log.Address($"host{i}.example", IPAddress.Loopback);
        }

        _logs.Lines.Count.ShouldBe(1 + RefusalLog.MostHosts);
    }
}
