using ActivityHub.Ledger.Updates;
using ActivityHub.TestKit;
using Shouldly;
using Xunit;

namespace ActivityHub.Ledger.Tests.Updates;

public class FeedRowsTests
{
    [Theory, BothDatabases]
    public async Task Many_who_ask_at_once_get_each_their_own_answer(Database database)
    {
        await using var host = await LedgerHost.StartAsync(database);
        var feeds = new List<Feed>();
        for (var i = 0; i < 20; i++)
        {
            feeds.Add(await host.OpenFeedAsync());
        }

        var rows = host.Get<FeedLoader>();
        var answers = await Task.WhenAll(Enumerable.Range(0, 400).Select(i => Task.Run(
            async () => (Asked: i, Row: await rows.FindAsync(i % 4 == 3 ? OpaqueId.New() : feeds[i % 20].Id, LedgerHost.Token)),
            LedgerHost.Token)));

        answers.ShouldAllBe(answer => answer.Asked % 4 == 3 ? answer.Row == null : answer.Row!.Id == feeds[answer.Asked % 20].Id);
    }

    [Theory, BothDatabases]
    public async Task An_answer_is_never_older_than_its_question(Database database)
    {
        await using var host = await LedgerHost.StartAsync(database);
        var feed = await host.OpenFeedAsync();
        var rows = host.Get<FeedLoader>();
        using var over = CancellationTokenSource.CreateLinkedTokenSource(LedgerHost.Token);
        var crowd = Enumerable.Range(0, 4).Select(_ => Task.Run(
            async () =>
            {
                while (!over.IsCancellationRequested)
                {
                    await rows.FindAsync(feed.Id, LedgerHost.Token);
                }
            },
            LedgerHost.Token)).ToList();

        for (var version = 2; version <= 30; version++)
        {
            await host.BumpAccessAsync(feed.Id);
            (await rows.FindAsync(feed.Id, LedgerHost.Token))!.AccessVersion.ShouldBe(version);
        }

        await over.CancelAsync();
        await Task.WhenAll(crowd);
    }

    [Theory, BothDatabases]
    public async Task One_who_gives_up_takes_nobody_with_him(Database database)
    {
        await using var host = await LedgerHost.StartAsync(database);
        var feed = await host.OpenFeedAsync();
        var rows = host.Get<FeedLoader>();
        using var gone = new CancellationTokenSource();
        await gone.CancelAsync();

        var mine = rows.FindAsync(feed.Id, gone.Token);
        var theirs = rows.FindAsync(feed.Id, LedgerHost.Token);

        await Should.ThrowAsync<OperationCanceledException>(() => mine);
        (await theirs)!.Id.ShouldBe(feed.Id);
    }
}
