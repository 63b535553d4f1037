using ActivityHub.Ledger.Updates;
using ActivityHub.TestKit;
using Microsoft.EntityFrameworkCore;
using Shouldly;
using Xunit;
using static ActivityHub.Ledger.Tests.LedgerRows;

namespace ActivityHub.Ledger.Tests.Updates;

public class RefusedRequestTests
{
    private static readonly NewUpdate[] Faulty =
    [
        Update("nul \0 inside"),
        Update(new string('i', NewUpdate.MaxClientIdLength + 1)),
        Update(kind: new string('k', NewUpdate.MaxKindLength + 1)),
        Update(kind: "nul\0"),
        new NewUpdate { Kind = "geo", Title = new string('t', NewUpdate.MaxTitleLength + 1) },
        new NewUpdate { Kind = "geo", Title = "nul \0 inside" },
        new NewUpdate { Kind = "geo", Title = "half of a pair \ud83d" },
        Update(data: "{\"a\":\"\0\"}"),
        Update(data: "{\"a\":\"\ude00\"}"),
    ];

    [Theory, BothDatabases]
    public async Task A_faulty_request_in_a_group_is_refused_alone(Database database)
    {
        await using var host = await LedgerHost.StartAsync(database);
        foreach (var faulty in Faulty)
        {
            var (feed, other) = (await host.OpenFeedAsync(), await host.OpenFeedAsync());
            List<Task<AppendOutcome>> outcomes;
            await using (await host.HoldAppendsAsync(other))
            {
                // However the requests are grouped behind the first one, the faulty one shares its group with others.
                AppendRequest[] requests =
                    [other.Request(Update()), feed.Request(Update("a")), feed.Request(Update("b"), faulty), feed.Request(Update("b")),
                        other.Request(Update("c"))];
                outcomes = [.. requests.Select(host.Commit.AppendAsync)];
            }

            var settled = await Task.WhenAll(outcomes);
            settled[2].ShouldBeOfType<AppendOutcome.Refused>().Reason.ShouldNotBeEmpty();
            settled.Where((_, i) => i != 2).Cast<AppendOutcome.Appended>().Select(outcome => (outcome.Seqs[0], outcome.Duplicates))
                .ShouldBe([(1, 0), (1, 0), (2, 0), (2, 0)]);
            (await host.ReadAllAsync(feed.Id)).Select(update => update.ClientId).ShouldBe(["a", "b"]);
        }
    }

    [Theory, BothDatabases]
    public async Task Whatever_the_database_refuses_it_refuses_to_one_request_alone(Database database)
    {
        await using var host = await LedgerHost.StartAsync(database);
        await using (var context = host.Context())
        {
            await context.Database.ExecuteSqlRawAsync(
                database == Database.Postgres
                    ? "ALTER TABLE updates ADD CONSTRAINT no_poison CHECK (kind <> 'poison')"
                    : "CREATE TRIGGER no_poison BEFORE INSERT ON updates WHEN new.kind = 'poison' BEGIN SELECT RAISE(ABORT, 'poison'); END",
                LedgerHost.Token);
        }

        var (feed, held) = (await host.OpenFeedAsync(), await host.OpenFeedAsync());
        List<Task<AppendOutcome>> outcomes;
        await using (await host.HoldAppendsAsync(held))
        {
            _ = host.Commit.AppendAsync(held.Request(Update()));
            outcomes = [.. Enumerable.Range(0, 40).Select(
                i => host.Commit.AppendAsync(feed.Request(Update($"id-{i}"), Update(kind: i % 13 == 5 ? "poison" : "geo"))))];
        }

        var settled = await Task.WhenAll(outcomes);
        for (var i = 0; i < settled.Length; i++)
        {
            settled[i].ShouldBeOfType(i % 13 == 5 ? typeof(AppendOutcome.Refused) : typeof(AppendOutcome.Appended));
        }

        var stored = await host.ReadAllAsync(feed.Id);
        stored.Select(update => update.Seq).ShouldBe(Enumerable.Range(1, 2 * 37).Select(i => (long)i));
        (await host.RowAsync(feed.Id))!.Head.ShouldBe(2 * 37);
    }
}
