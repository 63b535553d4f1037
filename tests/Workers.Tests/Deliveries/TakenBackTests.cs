using ActivityHub.Ledger.Updates;
using ActivityHub.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Shouldly;
using Xunit;

namespace ActivityHub.Workers.Tests.Deliveries;

public sealed class TakenBackTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    // A shard's log and its feed's row are read in parallel. An update that is revoked after the first read and before the second must not
    // be sent: the log was read under an outdated access version.
    [Theory, BothDatabases]
    public async Task What_is_taken_back_while_a_shard_is_loaded_is_not_sent(Database database)
    {
        HubAppOptions? settings = null;
        var between = new Interruption();
        await using var stage = await Stage.SetAsync(database, options =>
        {
            settings = options;
            options.Configure = builder =>
            {
                var log = builder.Services.Last(service => service.ServiceType == typeof(IFeedLog));
                builder.Services.Replace(ServiceDescriptor.Singleton<IFeedLog>(provider =>
                    new LogReadFirst((IFeedLog)ActivatorUtilities.CreateInstance(provider, log.ImplementationType!), between)));
            };
        });
        await using var host = await CallbackListener.StartAsync();
        await stage.SubscribeAsync(host.Default);
        await stage.UntilExpressAsync(host.Default);

        // Stored while no worker runs, so that a claim finds it.
        await stage.Hub.StopAsync();
        settings!.Settings["Roles"] = "hub,feeds";
        await stage.Hub.StartAsync();
        await stage.Phone.PostAsync("""{"id":"u1","kind":"note","title":"nobody's business"}""");
        await stage.Hub.StopAsync();
        settings.Settings.Remove("Roles");
        between.Set(() => Eventually.ShouldAsync(async () =>
        {
            try
            {
                using var response = await stage.Owner.Http.DeleteAsync($"/api/feeds/{stage.Phone.Feed}/updates/1", Cancel);
                return response.IsSuccessStatusCode;
            }
            catch (HttpRequestException)
            {
                // The lanes start before the hub listens.
                return false;
            }
        }));
        await stage.Hub.StartAsync();

        await stage.UntilExpressAsync(host.Default, 2);
        between.IsOver.ShouldBeTrue("The log was never read.");
        host.Deliveries.ShouldAllBe(delivery => !delivery.Text.Contains("business", StringComparison.Ordinal));
    }

    /// <summary>An action that runs once, after the log is read and before any feed's row is read.</summary>
    private sealed class Interruption
    {
        private readonly TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private Func<Task>? _happens;
        private volatile bool _isSet;

        public bool IsOver => _over.Task.IsCompletedSuccessfully;

        public void Set(Func<Task> happens) => (_happens, _isSet) = (happens, true);

        public Task WaitAsync(CancellationToken cancellationToken) => _isSet ? _over.Task.WaitAsync(cancellationToken) : Task.CompletedTask;

        public async Task HappenAsync()
        {
            if (Interlocked.Exchange(ref _happens, null) is { } happens)
            {
                await happens();
                _over.SetResult();
            }
        }
    }

    private sealed class LogReadFirst(IFeedLog log, Interruption between) : IFeedLog
    {
        public int GroupsAtOnce => log.GroupsAtOnce;

        public Task<AppendOutcome[]> AppendAsync(
            IReadOnlyList<AppendRequest> group, DateTimeOffset now, CancellationToken cancellationToken) =>
            log.AppendAsync(group, now, cancellationToken);

        public async Task<IReadOnlyList<FeedRow>> FindFeedsAsync(IReadOnlyCollection<long> feedIds, CancellationToken cancellationToken)
        {
            await between.WaitAsync(cancellationToken);
            return await log.FindFeedsAsync(feedIds, cancellationToken);
        }

        public async Task<List<FeedUpdate>> ReadAfterAsync(LogRange range, CancellationToken cancellationToken) =>
            (await ReadAfterAsync([range], cancellationToken))[0];

        public async Task<List<FeedUpdate>[]> ReadAfterAsync(IReadOnlyList<LogRange> ranges, CancellationToken cancellationToken)
        {
            var read = await log.ReadAfterAsync(ranges, cancellationToken);
            await between.HappenAsync();
            return read;
        }

        public Task<List<FeedUpdate>> ReadBeforeAsync(
            long feedId, long before, string? kinds, int limit, CancellationToken cancellationToken) =>
            log.ReadBeforeAsync(feedId, before, kinds, limit, cancellationToken);

        public Task<FeedUpdate?> FindAsync(long feedId, long seq, CancellationToken cancellationToken) =>
            log.FindAsync(feedId, seq, cancellationToken);
    }
}
