using System.Collections.Concurrent;
using ActivityHub.Ledger.Storage;
using ActivityHub.TestKit;
using Shouldly;
using Xunit;

namespace ActivityHub.Ledger.Tests.Storage;

public class PostgresSignalsTests
{
    [Fact]
    public async Task A_signal_is_heard_in_the_other_process_and_once_in_its_own_and_again_after_a_cut()
    {
        Assert.SkipWhen(PostgresServer.SkipReason is not null, PostgresServer.SkipReason ?? "");
        await using var server = await PostgresServer.StartOwnAsync();
        await using var store = await LedgerStore.CreateAsync(Database.Postgres, server);
        await using var one = await LedgerHost.StartAsync(store);
        await using var other = await LedgerHost.StartAsync(store);
        var (own, foreign) = (new ConcurrentQueue<Signal>(), new ConcurrentQueue<Signal>());
        using var listening = one.Get<LedgerSignals>().Listen(own.Enqueue);
        using var listeningThere = other.Get<LedgerSignals>().Listen(foreign.Enqueue);
        await RaiseUntilHeardAsync(one, foreign);

        // Signals of every kind arrive in both directions, and each signal arrives only once in the process that raised it.
        var (atHome, there) = (own.ToArray(), foreign.ToArray());
        atHome.ShouldBeUnique();
        there.ShouldBeUnique();
        var all = Enum.GetValues<SignalKind>().Select(kind => new Signal(kind, OpaqueId.New())).ToList();
        all.ForEach(one.Get<LedgerSignals>().Raise);
        await Eventually.ShouldAsync(() => Task.FromResult(all.TrueForAll(foreign.Contains)));
        var back = new Signal(SignalKind.Access, OpaqueId.New());
        other.Get<LedgerSignals>().Raise(back);
        await Eventually.ShouldAsync(() => Task.FromResult(own.Contains(back)));
        own.Count(signal => signal == all[0]).ShouldBe(1);

        (await server.KillBackendsAsync()).ShouldBeGreaterThanOrEqualTo(2);
        await RaiseUntilHeardAsync(one, foreign);
        await RaiseUntilHeardAsync(other, own);
    }

    // A signal may be lost at first; once both processes listen again, no signal is lost.
    private static async Task RaiseUntilHeardAsync(LedgerHost from, ConcurrentQueue<Signal> heard)
    {
        var raised = new HashSet<Signal>();
        await Eventually.ShouldAsync(() =>
        {
            var signal = new Signal(SignalKind.Updates, OpaqueId.New());
            raised.Add(signal);
            from.Get<LedgerSignals>().Raise(signal);
            return Task.FromResult(heard.Any(raised.Contains));
        });
    }
}
