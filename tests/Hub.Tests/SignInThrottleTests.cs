using ActivityHub.Hub.Accounts;
using Microsoft.Extensions.Time.Testing;
using Shouldly;
using Xunit;

namespace ActivityHub.Hub.Tests;

public sealed class SignInThrottleTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void The_eleventh_try_in_a_minute_waits_for_its_end()
    {
        var brake = new SignInThrottle(_time);
        for (var i = 0; i < 10; i++)
        {
            brake.TryEnter("ADA", "127.0.0.1", out _).ShouldBeTrue();
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        brake.TryEnter("ADA", "127.0.0.1", out var retryAfter).ShouldBeFalse();
        retryAfter.ShouldBe(TimeSpan.FromSeconds(50));
        brake.TryEnter("ADA", "127.0.0.2", out _).ShouldBeTrue();
        brake.TryEnter("BOB", "127.0.0.1", out _).ShouldBeTrue();
        _time.Advance(TimeSpan.FromSeconds(50));
        brake.TryEnter("ADA", "127.0.0.1", out _).ShouldBeTrue();
    }

    [Fact]
    public void Success_forgets_the_tries_before_it()
    {
        var brake = new SignInThrottle(_time);
        for (var i = 0; i < 30; i++)
        {
            brake.TryEnter("ADA", "127.0.0.1", out _).ShouldBeTrue();
            brake.Succeeded("ADA", "127.0.0.1");
        }
    }
}
