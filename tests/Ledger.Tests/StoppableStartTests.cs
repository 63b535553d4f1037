using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Shouldly;
using Xunit;

namespace ActivityHub.Ledger.Tests;

public sealed class StoppableStartTests
{
    [Fact]
    public async Task A_stop_that_comes_while_it_starts_is_a_stop_like_any_other()
    {
        await using var app = Build<StoppedMeanwhile>();
        (await app.TryStartAsync()).ShouldBeFalse();
        await Build<StoppedMeanwhile>().RunUntilStoppedAsync();
    }

    [Fact]
    public async Task What_is_wrong_is_told()
    {
        await using var app = Build<Wrong>();
        await Should.ThrowAsync<OperationCanceledException>(app.TryStartAsync);
    }

    private static WebApplication Build<TService>()
        where TService : class, IHostedService
    {
        var builder = WebApplication.CreateSlimBuilder(["--urls", "http://127.0.0.1:0"]);
        builder.Logging.ClearProviders();
        builder.Services.AddHostedService<TService>();
        return builder.Build();
    }

    private sealed class StoppedMeanwhile(IHostApplicationLifetime lifetime) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            lifetime.StopApplication();
            return Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }

    private sealed class Wrong : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => throw new OperationCanceledException();

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
