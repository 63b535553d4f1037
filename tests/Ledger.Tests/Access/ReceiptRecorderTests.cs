using ActivityHub.Ledger.Access;
using ActivityHub.Ledger.Keys;
using ActivityHub.Ledger.Storage;
using ActivityHub.TestKit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Time.Testing;
using Shouldly;
using Xunit;
using static ActivityHub.Ledger.Tests.LedgerRows;
using Grant = ActivityHub.Ledger.Grants.Grant;

namespace ActivityHub.Ledger.Tests.Access;

/// <summary>Receipts of readers are summed per hour and are written at a stop at the latest.</summary>
public sealed class ReceiptRecorderTests
{
    [Theory, BothDatabases]
    public async Task What_was_noted_is_added_up_by_hour_way_and_place(Database database)
    {
        var time = new FakeTimeProvider(Birth);
        await using var host = await LedgerHost.StartAsync(database, time);
        var (book, grant) = (host.Get<ReceiptRecorder>(), Grant.Give(7, "a friend", AccessKey.NewReader(), Birth));

        book.Note(grant, ReceiptChannel.Read, "192.0.2.0/24", 3, 9);
        await book.FlushAsync(LedgerHost.Token);
        book.Note(grant, ReceiptChannel.Read, "192.0.2.0/24", 1, 5);
        book.Note(grant, ReceiptChannel.Read, "192.0.2.0/24", 8, 12);
        book.Note(grant, ReceiptChannel.Delivery, "example.org", 12, 12);
        time.Advance(TimeSpan.FromHours(1));
        book.Note(grant, ReceiptChannel.Read, "192.0.2.0/24", 12, 13);
        await book.FlushAsync(LedgerHost.Token);

        // The hour's tick may have taken a part of them, and writes it at the same time.
        await Eventually.ShouldAsync(async () => (await ReadAsync(host)).Sum(row => row.Times) == 5);
        (await ReadAsync(host)).Select(row => (row.Hour, row.Way, row.Place, row.Times, row.FromSeq, row.ToSeq, row.GrantName)).ShouldBe(
        [
            (Birth, ReceiptChannel.Read, "192.0.2.0/24", 3, 1L, 12L, "a friend"),
            (Birth, ReceiptChannel.Delivery, "example.org", 1, 12L, 12L, "a friend"),
            (Birth.AddHours(1), ReceiptChannel.Read, "192.0.2.0/24", 1, 12L, 13L, "a friend"),
        ]);
    }

    [Theory, BothDatabases]
    public async Task A_stop_writes_down_what_was_noted_last(Database database)
    {
        await using var store = await LedgerStore.CreateAsync(database);
        await using (var host = await LedgerHost.StartAsync(store))
        {
            host.Get<ReceiptRecorder>().Note(
                Grant.Give(7, "a friend", AccessKey.NewReader(), Birth), ReceiptChannel.Stream, "192.0.2.0/24", 1, 1);
        }

        await using var next = await LedgerHost.StartAsync(store);
        (await ReadAsync(next)).ShouldHaveSingleItem().Way.ShouldBe(ReceiptChannel.Stream);
    }

    [Fact]
    public async Task More_places_than_are_told_apart_are_one()
    {
        await using var host = await LedgerHost.StartAsync(Database.Sqlite);
        var (book, grant) = (host.Get<ReceiptRecorder>(), Grant.Give(7, "everybody", key: null, Birth));

        for (var place = 0; place < 700; place++)
        {
            book.Note(grant, ReceiptChannel.Read, $"place {place}", 1, 1);
        }

        await book.FlushAsync(LedgerHost.Token);
        var rows = await ReadAsync(host);
        (rows.Count, rows.Sum(row => row.Times)).ShouldBe((501, 700));
        rows.Single(row => row.Place == ReceiptRecorder.ManyPlaces).Times.ShouldBe(200);
    }

    [Fact]
    public async Task What_the_owner_looks_at_is_no_receipt_and_what_goes_to_a_webhook_is()
    {
        await using var host = await LedgerHost.StartAsync(Database.Sqlite);
        var book = host.Get<ReceiptRecorder>();

        book.Note(Grant.OfOwner(7), ReceiptChannel.Read, "192.0.2.0/24", 1, 1);
        book.Note(Grant.OfOwner(7), ReceiptChannel.Delivery, "example.org", 1, 1);

        await book.FlushAsync(LedgerHost.Token);
        (await ReadAsync(host)).ShouldHaveSingleItem().Way.ShouldBe(ReceiptChannel.Delivery);
    }

    private static async Task<List<Receipt>> ReadAsync(LedgerHost host)
    {
        await using var context = await host.Get<IDbContextFactory<LedgerContext>>().CreateDbContextAsync(LedgerHost.Token);
        return await context.Receipts.AsNoTracking().OrderBy(row => row.Hour).ThenBy(row => row.Way).ThenBy(row => row.Place)
            .ToListAsync(LedgerHost.Token);
    }
}
