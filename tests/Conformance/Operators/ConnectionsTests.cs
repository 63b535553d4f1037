using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using ActivityHub.TestKit;
using Microsoft.Extensions.Time.Testing;
using Shouldly;
using Xunit;
using static ActivityHub.Conformance.Http;

namespace ActivityHub.Conformance.Operators;

/// <summary>Connections before a request is read: their highest number, and how long a silent one stays open.</summary>
public sealed class ConnectionsTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(40);

    // Without a limit the process ends with "Out of memory" when it cannot open another file.
    [Theory]
    [InlineData("ActivityHub.Hub", Database.Sqlite)]
    [InlineData("ActivityHub.Hub", Database.Postgres)]
    [InlineData("ActivityHub.FeedApi", Database.Postgres)]
    [InlineData("ActivityHub.Workers", Database.Postgres)]
    public async Task A_process_that_may_open_700_files_outlives_those_who_open_more(string program, Database database)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such limit.");
        Assert.SkipWhen(database == Database.Postgres && PostgresServer.SkipReason is not null, PostgresServer.SkipReason ?? "");
        await using var store = await HubStore.CreateAsync(database, null);
        var settings = store.Settings();
        settings["ASPNETCORE_ENVIRONMENT"] = "Production";
        // One processor is the hardest case: waiting connections are accepted before any of them is processed.
        settings["DOTNET_PROCESSOR_COUNT"] = "1";
        await using var process = HubProcess.Of(program, settings, openFiles: 700);
        await process.StartAsync();
        var port = new Uri(process.BaseUrl).Port;
        process.Words.ShouldContain("may open only 700 files: it holds 175 connections at most, 43 of one client");

        // First one client that opens as many as possible, then many clients.
        using var one = new Flood(port);
        await one.OpenAsync("127.0.0.2", 900);
        (await StatusAsync(port, "127.0.0.3")).ShouldBe("HTTP/1.1 200 OK", process.Words);
        using var many = new Flood(port);
        await Task.WhenAll(Enumerable.Range(10, 20).Select(last => many.OpenAsync($"127.0.0.{last}", 60)));

        (await StatusAsync(port, "127.0.0.3")).ShouldBe("HTTP/1.1 200 OK", process.Words);
        one.Dispose();
        many.Dispose();
        await Eventually.ShouldAsync(async () => await StatusAsync(port, "127.0.0.2") == "HTTP/1.1 200 OK");
        process.Words.ShouldContain("connections were closed at once");
        (await process.StopAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task A_client_holds_so_many_connections_and_one_that_ends_makes_room()
    {
        await using var hub = await StartAsync(("Limits:ConnectionsPerClient", "3"));
        using var flood = new Flood(new Uri(hub.BaseUrl).Port);
        await flood.HoldAsync("127.0.0.2", 3);

        (await StatusAsync(flood.Port, "127.0.0.2")).ShouldBe("");
        (await StatusAsync(flood.Port, "127.0.0.3")).ShouldBe("HTTP/1.1 200 OK");
        flood.Dispose();
        await Eventually.ShouldAsync(async () => await StatusAsync(flood.Port, "127.0.0.2") == "HTTP/1.1 200 OK");
    }

    [Fact]
    public async Task A_trusted_proxy_holds_as_many_as_there_are_and_so_does_an_endpoint_of_the_section_Kestrel_count()
    {
        var port = FreePort.Find();
        await using var hub = await StartAsync(
            ("Limits:ConnectionsPerClient", "2"), ("Hub:TrustedProxies", "127.0.0.2/32"), ("urls", null),
            ("Kestrel:Endpoints:Other:Url", $"http://127.0.0.1:{port}"));
        using var proxy = new Flood(port);
        await proxy.HoldAsync("127.0.0.2", 20);
        using var client = new Flood(port);
        await client.HoldAsync("127.0.0.3", 2);

        (await StatusAsync(port, "127.0.0.2")).ShouldBe("HTTP/1.1 200 OK");
        (await StatusAsync(port, "127.0.0.3")).ShouldBe("");
    }

    // The server's default minimum of 240 bytes per second cut off phones with a weak signal.
    [Fact]
    public async Task A_phone_that_sends_100_bytes_a_second_gets_through()
    {
        await using var hub = await StartAsync();
        var phone = await (await hub.SignUpAsync()).AddDeviceAsync();
        var body = """{"kind":"note","data":{"text":"long"} }""".Replace("long", new string('x', 900), StringComparison.Ordinal);
        using var connection = await ConnectAsync(new Uri(hub.BaseUrl).Port, "127.0.0.1");
        await SendAsync(
            connection,
            $"POST {new Uri(phone.IngestUrl!).AbsolutePath} HTTP/1.1\r\nHost: h\r\nContent-Type: "
            + $"application/json\r\nContent-Length: {body.Length}\r\n\r\n");

        // The delay is real time, because the rate is tested.
        using var ticks = new PeriodicTimer(TimeSpan.FromMilliseconds(500));
        for (var at = 0; at < body.Length; at += 50)
        {
            await ticks.WaitForNextTickAsync(Cancel);
            await SendAsync(connection, body[at..Math.Min(at + 50, body.Length)]);
        }

        (await ReadLineAsync(connection)).ShouldBe("HTTP/1.1 201 Created");
    }

    [Fact]
    public async Task What_stays_half_said_ends()
    {
        await using var hub = await StartAsync();
        var port = new Uri(hub.BaseUrl).Port;
        using var headers = await ConnectAsync(port, "127.0.0.1");
        await SendAsync(headers, "GET /health/live HTTP/1.1\r\nHost: h\r\n");
        using var body = await ConnectAsync(port, "127.0.0.1");
        await SendAsync(body, "POST /api/accounts HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{");

        var since = Stopwatch.GetTimestamp();
        await Task.WhenAll(ReadToEndAsync(headers), ReadToEndAsync(body)).WaitAsync(Deadline, Cancel);
        Stopwatch.GetElapsedTime(since).ShouldBeGreaterThan(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task A_large_body_that_comes_for_ever_ends()
    {
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var hub = await HubApp.StartAsync(Database.Sqlite, options =>
        {
            options.Settings["Roles"] = "hub,feeds";
            options.Time = clock;
        });
        var phone = await (await hub.SignUpAsync()).AddDeviceAsync();
        using var connection = await ConnectAsync(new Uri(hub.BaseUrl).Port, "127.0.0.1");
        await SendAsync(
            connection, $"POST {new Uri(phone.IngestUrl!).AbsolutePath} HTTP/1.1\r\nHost: h\r\nContent-Length: 7000000\r\n\r\n");
        var ended = ReadToEndAsync(connection);

        await Eventually.ShouldAsync(async () =>
        {
            await SendAsync(connection, new string('x', 1000), isLast: true);
            clock.Advance(TimeSpan.FromMinutes(1));
            return ended.IsCompleted;
        });
    }

    private static Task<HubApp> StartAsync(params (string Name, string? Value)[] settings) => HubApp.StartAsync(Database.Sqlite, options =>
    {
        options.Settings["Roles"] = "hub,feeds";
        foreach (var (name, value) in settings)
        {
            options.Settings[name] = value;
        }
    });

    // Returns the status line; empty if the connection is closed without an answer.
    private static async Task<string> StatusAsync(int port, string from)
    {
        try
        {
            using var connection = await ConnectAsync(port, from);
            await SendAsync(connection, "GET /health/live HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
            return await ReadLineAsync(connection);
        }
        catch (Exception cut) when (cut is IOException or SocketException)
        {
            return "";
        }
    }

    private static async Task<TcpClient> ConnectAsync(int port, string from)
    {
        var client = new TcpClient(new IPEndPoint(IPAddress.Parse(from), 0)) { NoDelay = true };
        await client.ConnectAsync(IPAddress.Loopback, port, Cancel);
        return client;
    }

    private static async Task SendAsync(TcpClient connection, string text, bool isLast = false)
    {
        try
        {
            await connection.GetStream().WriteAsync(Encoding.ASCII.GetBytes(text), Cancel);
        }
        catch (Exception cut) when (isLast && cut is (IOException or InvalidOperationException))
        {
            // The connection was cut.
        }
    }

    private static async Task<string> ReadLineAsync(TcpClient connection)
    {
        using var reader = new StreamReader(connection.GetStream(), Encoding.ASCII, leaveOpen: true);
        return await reader.ReadLineAsync(Cancel).AsTask().WaitAsync(Deadline, Cancel) ?? "";
    }

    private static async Task ReadToEndAsync(TcpClient connection)
    {
        try
        {
            await connection.GetStream().CopyToAsync(Stream.Null, Cancel);
        }
        catch (IOException)
        {
            // The connection was cut, not closed.
        }
    }

    /// <summary>Connections that have sent half a request and then stay silent.</summary>
    private sealed class Flood(int port) : IDisposable
    {
        private readonly Lock _lock = new();
        private readonly List<TcpClient> _open = [];

        public int Port => port;

        public async Task OpenAsync(string from, int count)
        {
            for (var i = 0; i < count; i++)
            {
                try
                {
                    var connection = await ConnectAsync(port, from);
                    lock (_lock)
                    {
                        _open.Add(connection);
                    }

                    await SendAsync(connection, string.Create(CultureInfo.InvariantCulture, $"GET /{i} HTTP/1.1\r\n"));
                }
                catch (Exception cut) when (cut is IOException or SocketException)
                {
                    // One connection above the limit is closed; the next one is tried all the same.
                }
            }
        }

        /// <summary>Opens connections that got one answer, so they are counted.</summary>
        public async Task HoldAsync(string from, int count)
        {
            for (var i = 0; i < count; i++)
            {
                var connection = await ConnectAsync(port, from);
                lock (_lock)
                {
                    _open.Add(connection);
                }

                await SendAsync(connection, "GET /health/live HTTP/1.1\r\nHost: h\r\n\r\n");
                (await ReadLineAsync(connection)).ShouldBe("HTTP/1.1 200 OK");
            }
        }

        public void Dispose()
        {
            lock (_lock)
            {
                _open.ForEach(connection => connection.Dispose());
                _open.Clear();
            }
        }
    }
}
