using System.Net;
using ActivityHub.Ledger.Connections;
using ActivityHub.TestKit;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Shouldly;
using Xunit;

namespace ActivityHub.Ledger.Tests.Connections;

public sealed class ConnectionSeatsTests
{
    [Theory]
    [InlineData("203.0.113.7", "::ffff:203.0.113.7")]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:2:ffff::9")]
    public void A_client_holds_so_many_whichever_way_its_address_is_written_and_others_theirs(string address, string same)
    {
        var seats = Seats(total: 100, perClient: 2);
        using var first = Take(seats, address);
        var second = Take(seats, same);

        seats.TryTake(IPAddress.Parse(address)).ShouldBeNull();
        using var other = Take(seats, "2001:db8:1:3::1");
        second.Dispose();
        second.Dispose();

        using var again = Take(seats, same);
        seats.TryTake(IPAddress.Parse(address)).ShouldBeNull();
    }

    [Fact]
    public void The_last_tenth_is_for_clients_that_hold_none()
    {
        var seats = Seats(total: 20, perClient: 20);
        var held = Enumerable.Range(0, 18).Select(_ => Take(seats, "203.0.113.7")).ToList();

        seats.TryTake(IPAddress.Parse("203.0.113.7")).ShouldBeNull();
        held.Add(Take(seats, "203.0.113.8"));
        seats.TryTake(IPAddress.Parse("203.0.113.8")).ShouldBeNull();
        held.Add(Take(seats, "203.0.113.9"));
        seats.TryTake(IPAddress.Parse("203.0.113.10")).ShouldBeNull();

        held.ForEach(seat => seat.Dispose());
        Enumerable.Range(0, 18).ShouldAllBe(_ => seats.TryTake(IPAddress.Parse("203.0.113.7")) != null);
    }

    [Fact]
    public void A_proxy_that_is_trusted_stands_for_many_and_a_part_has_seats_of_its_own()
    {
        var seats = Seats(total: 8, perClient: 1, proxies: "10.0.0.0/8").Within(8);

        for (var i = 0; i < 8; i++)
        {
            Take(seats, i % 2 == 0 ? "10.1.2.3" : "::ffff:10.1.2.3");
        }

        seats.TryTake(IPAddress.Parse("10.1.2.3")).ShouldBeNull();
        var part = Seats(total: 1000, perClient: 1000).Within(8);
        Take(part, "203.0.113.7");
        Take(part, "203.0.113.7");
        part.TryTake(IPAddress.Parse("203.0.113.7")).ShouldBeNull();
    }

    // The remaining files are for the process itself, its callbacks and the database.
    [Theory]
    [InlineData(700, 0, 0, 175, 43)]
    [InlineData(1024, 0, 0, 384, 96)]
    [InlineData(20_000, 0, 0, 14_616, 1000)]
    [InlineData(1_048_576, 0, 0, 20_000, 1000)]
    [InlineData(null, 0, 0, 20_000, 1000)]
    [InlineData(1024, 100_000, 100_000, 384, 384)]
    [InlineData(65_536, 2000, 0, 2000, 500)]
    [InlineData(65_536, 2, 0, 2, 1)]
    [InlineData(1, 0, 0, 1, 1)]
    public void There_is_room_as_the_limit_of_open_files_allows(int? files, int connections, int perClient, int total, int ofClient)
    {
        var room = ConnectionRoom.Of(files, new ConnectionOptions { Connections = connections, ConnectionsPerClient = perClient });

        (room.Total, room.PerClient).ShouldBe((total, ofClient));
    }

    [Theory]
    [InlineData("Max open files            700                  1024                 files", 700)]
    [InlineData("Max open files            unlimited            unlimited            files", null)]
    [InlineData("Max processes             700                  700                  processes", null)]
    public async Task The_limit_of_open_files_is_the_one_that_holds_for_the_process(string line, int? files)
    {
        using var folder = new TempFolder();
        var path = Path.Combine(folder.Path, "limits");
        await File.WriteAllTextAsync(
            path, $"Limit                     Soft Limit           Hard Limit           Units     \n{line}     \n", LedgerHost.Token);

        ConnectionRoom.ReadOpenFiles(path).ShouldBe(files);
        ConnectionRoom.ReadOpenFiles(path + "-that-is-not-there").ShouldBeNull();
    }

    private static ConnectionSeats Seats(int total, int perClient, string? proxies = null) => new(
        new ConnectionRoom(null, total, perClient),
        TrustedProxies.Read(new ConfigurationBuilder().AddInMemoryCollection([KeyValuePair.Create("Hub:TrustedProxies", proxies)]).Build()),
        TimeProvider.System, NullLogger<ConnectionSeats>.Instance);

    private static IDisposable Take(ConnectionSeats seats, string address) => seats.TryTake(IPAddress.Parse(address)).ShouldNotBeNull();
}
