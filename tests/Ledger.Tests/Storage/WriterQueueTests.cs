using ActivityHub.Ledger.Storage;
using Shouldly;
using Xunit;

namespace ActivityHub.Ledger.Tests.Storage;

public class WriterQueueTests
{
    [Fact]
    public async Task Phones_go_before_deliveries_and_deliveries_before_chores_and_each_in_the_order_in_which_they_came()
    {
        var turns = new WriterQueue(oneAtATime: true);
        var order = new List<string>();
        var first = await turns.TakeAsync(WritePriority.Chore, LedgerHost.Token);
        var waiting = new[] { ("chore 1", WritePriority.Chore), ("done 1", WritePriority.Completion), ("phone 1", WritePriority.Ingest),
            ("chore 2", WritePriority.Chore), ("phone 2", WritePriority.Ingest) }
            .Select(who => WriteAsync(who.Item1, who.Item2)).ToList();
        order.ShouldBeEmpty();

        first.Dispose();
        await Task.WhenAll(waiting).WaitAsync(TimeSpan.FromSeconds(10), LedgerHost.Token);

        order.ShouldBe(["phone 1", "phone 2", "done 1", "chore 1", "chore 2"]);
        (await turns.TakeAsync(WritePriority.Chore, LedgerHost.Token)).Dispose();

        async Task WriteAsync(string name, WritePriority priority)
        {
            using var turn = await turns.TakeAsync(priority, LedgerHost.Token);
            order.Add(name);
        }
    }

    [Fact]
    public async Task One_who_gives_up_waiting_does_not_take_the_turn_with_him()
    {
        var turns = new WriterQueue(oneAtATime: true);
        var first = await turns.TakeAsync(WritePriority.Ingest, LedgerHost.Token);
        using var impatient = new CancellationTokenSource();
        var given = turns.TakeAsync(WritePriority.Ingest, impatient.Token).AsTask();
        var next = turns.TakeAsync(WritePriority.Chore, LedgerHost.Token).AsTask();

        await impatient.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => given);
        first.Dispose();

        (await next.WaitAsync(TimeSpan.FromSeconds(10), LedgerHost.Token)).Dispose();
        (await turns.TakeAsync(WritePriority.Chore, LedgerHost.Token)).Dispose();
    }

    [Fact]
    public async Task No_turn_is_lost_and_none_given_twice_while_many_give_up()
    {
        var turns = new WriterQueue(oneAtATime: true);
        var inside = 0;
        var most = 0;
        await Task.WhenAll(Enumerable.Range(0, 8).Select(worker => Task.Run(
            async () =>
            {
                for (var i = 0; i < 500; i++)
                {
                    using var impatient = new CancellationTokenSource();
                    var taking = turns.TakeAsync((WritePriority)(i % 3), impatient.Token);
                    if (i % 2 == 0)
                    {
                        await impatient.CancelAsync();
                    }

                    try
                    {
                        using var turn = await taking;
                        most = Math.Max(most, Interlocked.Increment(ref inside));
                        await Task.Yield();
                        Interlocked.Decrement(ref inside);
                    }
                    catch (OperationCanceledException)
                    {
                        // The caller may already have had its turn when it was cancelled; both results are right.
                    }
                }
            },
            LedgerHost.Token))).WaitAsync(TimeSpan.FromSeconds(30), LedgerHost.Token);

        most.ShouldBe(1);
        (await turns.TakeAsync(WritePriority.Chore, LedgerHost.Token).AsTask().WaitAsync(TimeSpan.FromSeconds(10), LedgerHost.Token))
            .Dispose();
    }

    [Fact]
    public async Task On_PostgreSQL_a_turn_is_free()
    {
        var turns = new WriterQueue(oneAtATime: false);
        using var one = await turns.TakeAsync(WritePriority.Chore, LedgerHost.Token);
        using var other = await turns.TakeAsync(WritePriority.Ingest, LedgerHost.Token);
    }
}
