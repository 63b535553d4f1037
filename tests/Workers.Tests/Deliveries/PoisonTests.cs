using System.Net;
using ActivityHub.Ledger.Storage;
using ActivityHub.Ledger.Subscriptions;
using ActivityHub.TestKit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace ActivityHub.Workers.Tests.Deliveries;

// docs/architecture.md, Rules of delivery, Poison: A single update that is still refused is parked only once the next one, sent alone, is
// accepted; if that is refused too, the endpoint is at fault: back off, park nothing.
public sealed class PoisonTests(Hubs hubs)
{
    [Theory, BothDatabases]
    public async Task The_one_update_that_a_callback_cannot_take_is_parked_and_all_the_others_arrive_in_order(Database database)
    {
        await using var stage = await hubs.StageAsync(database);
        await using var host = await CallbackListener.StartAsync();
        var callback = host.Default.Answers(Refusing(HttpStatusCode.UnprocessableEntity, 13));
        await stage.SubscribeAsync(callback);

        await stage.PostAsync(1, 40);
        await stage.UntilExpressAsync(callback, 40);
        await stage.PostAsync(41, 41);
        await stage.UntilExpressAsync(callback, 41);

        Accepted(callback, 13).ShouldBe(Enumerable.Range(1, 41).Except([13]));
        var parked = (await ParkedAsync(stage)).ShouldHaveSingleItem();
        parked.Seq.ShouldBe(13);
        parked.Status.ShouldBe((short)422);
        parked.Answer.ShouldBe("not that one");
        (await CursorAsync(stage)).Parked.ShouldBe(1);
    }

    [Theory, BothDatabases]
    public async Task What_is_too_large_for_a_callback_comes_in_halves_and_what_is_too_large_alone_is_parked(Database database)
    {
        await using var stage = await hubs.StageAsync(database);
        await using var host = await CallbackListener.StartAsync();
        var callback = host.Default.Answers(CallbackReply.By(
            request => request.Body.Length > 8000 ? HttpStatusCode.RequestEntityTooLarge : HttpStatusCode.NoContent));
        await stage.SubscribeAsync(callback, stage.Reader.Urls.Json);

        await stage.PostAsync(1, 20, padding: 1000);
        await stage.PostAsync(21, 21, padding: 20_000);
        await stage.PostAsync(22, 22);
        await stage.UntilExpressAsync(callback, 22);

        callback.Deliveries.Where(delivery => delivery.Body.Length <= 8000).Numbers().Distinct()
            .ShouldBe(Enumerable.Range(1, 22).Except([21]));
        (await ParkedAsync(stage)).ShouldHaveSingleItem().Seq.ShouldBe(21);
    }

    // Quoted from the issue: "a broken deploy that answers 422 to everything … parks nothing".
    [Theory, BothDatabases]
    public async Task A_callback_that_refuses_everything_for_a_while_has_nothing_parked_and_gets_it_all_once_it_is_mended(Database database)
    {
        await using var stage = await hubs.StageAsync(database);
        await using var host = await CallbackListener.StartAsync();
        var callback = host.Default.Answers(HttpStatusCode.UnprocessableEntity);
        await stage.SubscribeAsync(callback);

        await stage.PostAsync(1, 30);
        await callback.WaitForAsync(16);
        (await ParkedAsync(stage)).ShouldBeEmpty();
        var broken = callback.Deliveries.Count;
        callback.Answers(HttpStatusCode.NoContent);
        await stage.UntilExpressAsync(callback, 30);

        (await ParkedAsync(stage)).ShouldBeEmpty();
        callback.Deliveries.Skip(broken + 1).Numbers().Distinct().ShouldBeInOrder();
        callback.Deliveries.Skip(broken).Numbers().Distinct().Order().ShouldBe(Enumerable.Range(1, 30));
    }

    [Theory, BothDatabases]
    public async Task The_newest_update_is_never_parked_before_there_is_another_to_compare_it_with(Database database)
    {
        await using var stage = await hubs.StageAsync(database);
        await using var host = await CallbackListener.StartAsync();
        var callback = host.Default.Answers(Refusing(HttpStatusCode.BadRequest, 1));
        await stage.SubscribeAsync(callback);

        await stage.PostAsync(1, 1);
        await callback.WaitForAsync(6);
        (await ParkedAsync(stage)).ShouldBeEmpty();
        await stage.PostAsync(2, 2);
        await stage.UntilExpressAsync(callback, 2);

        (await ParkedAsync(stage)).ShouldHaveSingleItem().Seq.ShouldBe(1);
        Accepted(callback, 1).ShouldBe([2]);
    }

    [Theory, BothDatabases]
    public async Task A_parked_update_that_is_asked_for_is_sent_again_alone_and_is_parked_no_more_once_it_is_taken(Database database)
    {
        await using var stage = await hubs.StageAsync(database);
        await using var host = await CallbackListener.StartAsync();
        var callback = host.Default.Answers(Refusing(HttpStatusCode.UnprocessableEntity, 2));
        await stage.SubscribeAsync(callback, stage.Reader.Urls.Json);
        await stage.PostAsync(1, 3);
        await stage.UntilExpressAsync(callback, 3);

        // Still refused: it stays parked until it is requested again.
        var before = callback.Deliveries.Count;
        await WantAsync(stage);
        await stage.UntilExpressAsync(callback, 3);
        await Eventually.ShouldAsync(async () => (await ParkedAsync(stage)).ShouldHaveSingleItem().WantedAt is null);
        callback.Deliveries.Skip(before).ShouldHaveSingleItem().Numbers().ShouldBe([2]);

        // While it is parked, it is left out of documents with the topic's full contents.
        await stage.PostAsync(4, 4);
        await stage.UntilExpressAsync(callback, 4);
        callback.Deliveries[^1].Numbers().ShouldBe([1, 3, 4]);

        callback.Answers(HttpStatusCode.NoContent);
        await WantAsync(stage);
        await Eventually.ShouldAsync(async () => (await ParkedAsync(stage)).Count == 0);
        await stage.UntilExpressAsync(callback, 4);
        callback.Deliveries[^1].Numbers().ShouldBe([2]);
        (await CursorAsync(stage)).Parked.ShouldBe(0);
        await stage.PostAsync(5, 5);
        await stage.UntilExpressAsync(callback, 5);
        callback.Deliveries[^1].Numbers().ShouldBe([1, 2, 3, 4, 5]);
    }

    private static CallbackReply Refusing(HttpStatusCode status, int poison) => CallbackReply.By(
        request => request.Numbers().Contains(poison) ? CallbackReply.Text(status, "not that one") : HttpStatusCode.NoContent);

    private static List<int> Accepted(CallbackPath callback, int poison) =>
        [.. callback.Deliveries.Where(delivery => !delivery.Numbers().Contains(poison)).SelectMany(delivery => delivery.Numbers())];

    private static Task<List<ParkedUpdate>> ParkedAsync(Stage stage) =>
        stage.ReadAsync(context => context.ParkedUpdates.AsNoTracking().Where(row => row.FeedId == stage.FeedId).ToListAsync());

    private static Task<DeliveryCursor> CursorAsync(Stage stage) =>
        stage.ReadAsync(context => context.Cursors.AsNoTracking().SingleAsync(row => row.FeedId == stage.FeedId));

    private static async Task WantAsync(Stage stage)
    {
        var cursor = await CursorAsync(stage);
        await stage.WriteAsync(async context =>
        {
            await context.ParkedUpdates.Where(row => row.FeedId == stage.FeedId)
                .ExecuteUpdateAsync(set => set.SetProperty(row => row.WantedAt, TimeProvider.System.GetUtcNow()));
            await context.AskAsync(cursor.FeedId, cursor.SubscriptionId, CursorCommand.Redeliver, TimeProvider.System.GetUtcNow());
        });
        stage.Hub.Services.GetRequiredService<LedgerSignals>().Raise(new Signal(SignalKind.Subscriptions, stage.FeedId));
    }
}
