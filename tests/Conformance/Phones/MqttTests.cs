using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using ActivityHub.Ledger.Storage;
using ActivityHub.TestKit;
using Microsoft.Extensions.DependencyInjection;
using MQTTnet;
using MQTTnet.Exceptions;
using MQTTnet.Formatter;
using MQTTnet.Protocol;
using Shouldly;
using Xunit;
using static ActivityHub.Conformance.Http;

namespace ActivityHub.Conformance.Phones;

/// <summary>Apps that publish by MQTT instead of posting.</summary>
public sealed class MqttTests
{
    private const string Place = """{"_type":"location","lat":48.85,"lon":2.29,"tst":1763618400}""";

    [Theory, BothDatabases]
    public async Task What_is_published_is_on_disk_once_it_is_acknowledged(Database database)
    {
        await using var stage = await MqttStage.SetAsync(database);
        foreach (var (key, version) in new[] { (IngestKey(stage.Phone), MqttProtocolVersion.V311),
            (stage.Phone.Key, MqttProtocolVersion.V500) })
        {
            using var client = await stage.ConnectAsync(key, version: version);

            await PublishAsync(
                client, "owntracks/ada/phone",
                Place.Replace("48.85", version == MqttProtocolVersion.V500 ? "48.86" : "48.85", StringComparison.Ordinal));
            await PublishAsync(client, "my/own/topic", """{"kind":"battery","id":"b1","data":{"level":47} }""");
            await PublishAsync(client, "a/b", """{"kind":"x","id":"q2"}""", MqttQualityOfServiceLevel.ExactlyOnce);

            var kinds = (await stage.UpdatesAsync()).Select(update => update.GetProperty("kind").GetString()).ToList();
            kinds.Count(kind => kind == "geo").ShouldBe(version == MqttProtocolVersion.V500 ? 2 : 1);
            // Both existed already the second time.
            kinds.Count(kind => kind == "battery").ShouldBe(1);
            kinds.Count(kind => kind == "x").ShouldBe(1);
        }
    }

    [Fact]
    public async Task Nothing_is_acknowledged_before_it_is_on_disk()
    {
        await using var stage = await MqttStage.SetAsync(Database.Sqlite);
        using var client = await stage.ConnectAsync(stage.Phone.Key);
        // No append proceeds while another writer has its turn.
        var turn = await stage.Hub.Services.GetRequiredService<WriterQueue>().TakeAsync(WritePriority.Ingest, Cancel);

        var publishing = PublishAsync(client, "a", """{"kind":"x"}""");
        (await stage.UpdatesAsync()).ShouldBeEmpty();
        publishing.IsCompleted.ShouldBeFalse();
        turn.Dispose();
        await publishing;

        (await stage.UpdatesAsync()).Count.ShouldBe(1);
    }

    [Theory]
    [InlineData(MqttProtocolVersion.V311)]
    [InlineData(MqttProtocolVersion.V500)]
    public async Task A_key_that_opens_nothing_does_not_get_in(MqttProtocolVersion version)
    {
        await using var stage = await MqttStage.SetAsync(Database.Sqlite);

        var refused = await Should.ThrowAsync<Exception>(async () =>
        {
            using var client = await stage.ConnectAsync("dk_nothing", version: version);
            client.IsConnected.ShouldBeTrue();
        });

        refused.ToString().ShouldNotContain("dk_nothing");
        stage.Hub.Logs.Lines.ShouldAllBe(line => !line.Message.Contains("dk_nothing", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(MqttProtocolVersion.V311)]
    [InlineData(MqttProtocolVersion.V500)]
    public async Task What_is_more_than_is_read_or_kept_hears_no_yes_and_is_not_stored_in_part(MqttProtocolVersion version)
    {
        await using var stage = await MqttStage.SetAsync(Database.Sqlite);
        foreach (var text in new[] { $"[{string.Join(',', Enumerable.Repeat("{\"kind\":\"x\"}", 10_001))}]", new string('w', 300_000) })
        {
            using var client = await stage.ConnectAsync(stage.Phone.Key, version: version);

            await ShouldNotBeTakenAsync(client, text);
        }

        (await stage.UpdatesAsync()).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(MqttProtocolVersion.V311)]
    [InlineData(MqttProtocolVersion.V500)]
    public async Task After_a_new_key_the_one_before_publishes_nothing_and_hears_no_yes(MqttProtocolVersion version)
    {
        await using var stage = await MqttStage.SetAsync(Database.Sqlite);
        using var client = await stage.ConnectAsync(stage.Phone.Key, version: version);
        await PublishAsync(client, "a", """{"kind":"x"}""");
        (await stage.Owner.Http.PostAsync($"/api/devices/{stage.Phone.Id}/key", null, Cancel)).EnsureSuccessStatusCode().Dispose();

        await ShouldNotBeTakenAsync(client, """{"kind":"y"}""");

        (await stage.UpdatesAsync()).ShouldHaveSingleItem().GetProperty("kind").GetString().ShouldBe("x");
        await Eventually.ShouldAsync(() => Task.FromResult(!client.IsConnected));
    }

    [Fact]
    public async Task Nobody_may_subscribe_but_to_the_commands_of_owntracks_and_nothing_is_passed_on_or_retained()
    {
        await using var stage = await MqttStage.SetAsync(Database.Sqlite);
        using var client = await stage.ConnectAsync(stage.Phone.Key, version: MqttProtocolVersion.V500);
        var heard = 0;
        client.ApplicationMessageReceivedAsync += _ =>
        {
            heard++;
            return Task.CompletedTask;
        };

        foreach (var (topic, code) in new[]
        {
            ("owntracks/ada/phone/cmd", MqttClientSubscribeResultCode.GrantedQoS0),
            ("owntracks/+/+/cmd", MqttClientSubscribeResultCode.NotAuthorized), ("#", MqttClientSubscribeResultCode.NotAuthorized),
            ("owntracks/bob/phone", MqttClientSubscribeResultCode.NotAuthorized),
        })
        {
            var answer = await client.SubscribeAsync(topic, cancellationToken: Cancel);
            answer.Items.ShouldHaveSingleItem().ResultCode.ShouldBe(code, topic);
        }

        await client.PublishAsync(
            new MqttApplicationMessageBuilder().WithTopic("owntracks/ada/phone/cmd")
                .WithPayload("""{"_type":"location","tst":1790000000,"lat":1.5,"lon":2.5}""").WithRetainFlag()
                .WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce).Build(), Cancel);
        await client.PingAsync(Cancel);
        heard.ShouldBe(0);
        (await stage.UpdatesAsync()).Count.ShouldBe(1);
    }

    [Fact]
    public async Task Whoever_takes_the_client_id_of_another_takes_nothing_from_it()
    {
        await using var stage = await MqttStage.SetAsync(Database.Sqlite);
        var other = await stage.Owner.AddDeviceAsync("another");
        using var one = await stage.ConnectAsync(stage.Phone.Key, "same");
        using var two = await stage.ConnectAsync(other.Key, "same");

        await PublishAsync(one, "a", """{"kind":"x"}""");
        await PublishAsync(two, "a", """{"kind":"y"}""");

        (await stage.UpdatesAsync()).ShouldHaveSingleItem().GetProperty("kind").GetString().ShouldBe("x");
    }

    [Fact]
    public async Task What_cannot_be_read_is_kept_and_acknowledged()
    {
        await using var stage = await MqttStage.SetAsync(Database.Sqlite);
        using var client = await stage.ConnectAsync(stage.Phone.Key);

        await PublishAsync(client, "a/b", "nonsense");

        var rejected = (await stage.Owner.Http.JsonAsync($"/api/devices/{stage.Phone.Id}/rejected")).GetProperty("items").EnumerateArray()
            .ShouldHaveSingleItem();
        rejected.GetProperty("body").GetString().ShouldBe("nonsense");
        rejected.GetRawText().ShouldNotContain(stage.Phone.Key);
    }

    [Theory]
    [InlineData(new byte[] { 0x10, 0xFF, 0xFF, 0xFF, 0x7F })]
    [InlineData(new byte[] { 0x10, 0xFF, 0xFF, 0xFF, 0xFF, 0x01 })]
    [InlineData(new byte[] { 0x30, 0x81, 0x80, 0x40 })]
    public async Task A_packet_that_says_it_is_too_long_is_cut_before_it_comes(byte[] beginning)
    {
        await using var stage = await MqttStage.SetAsync(Database.Sqlite);
        using var connection = new TcpClient();
        await connection.ConnectAsync(IPAddress.Loopback, stage.Port, Cancel);

        await connection.GetStream().WriteAsync(beginning, Cancel);

        (await ReadToEndAsync(connection)).ShouldBe(0);
    }

    [Fact]
    public async Task A_message_of_just_under_the_limit_is_taken()
    {
        await using var stage = await MqttStage.SetAsync(Database.Sqlite);
        using var client = await stage.ConnectAsync(stage.Phone.Key);

        await PublishAsync(
            client, "a",
            "["
                + string.Join(
                    ',',
                    Enumerable.Range(0, 16).Select(i => $$$"""{"kind":"x","data":{"i":{{{i}}},"pad":"{{{new string('x', 60_000)}}}"} }"""))
                        + "]");

        (await stage.UpdatesAsync()).Count.ShouldBe(16);
    }

    [Fact]
    public async Task One_connection_more_than_there_may_be_is_closed_and_the_next_is_taken_once_one_has_ended()
    {
        await using var stage = await MqttStage.SetAsync(Database.Sqlite, ("Mqtt:MaxConnections", "1"));
        var first = await stage.ConnectAsync(stage.Phone.Key);

        await Should.ThrowAsync<Exception>(async () => (await stage.ConnectAsync(stage.Phone.Key)).Dispose());
        await PublishAsync(first, "a", """{"kind":"x"}""");
        first.Dispose();

        await Eventually.ShouldAsync(async () =>
        {
            try
            {
                using var next = await stage.ConnectAsync(stage.Phone.Key);
                return next.IsConnected;
            }
            catch (MqttCommunicationException)
            {
                return false;
            }
        });
    }

    [Fact]
    public async Task A_client_that_opens_connections_and_says_nothing_keeps_no_phone_of_others_out()
    {
        await using var stage = await MqttStage.SetAsync(Database.Sqlite, ("Mqtt:MaxConnections", "8"));
        var silent = new List<TcpClient>();
        for (var i = 0; i < 30; i++)
        {
            silent.Add(new TcpClient(new IPEndPoint(IPAddress.Parse("127.0.0.2"), 0)));
            await silent[^1].ConnectAsync(IPAddress.Loopback, stage.Port, Cancel);
        }

        // Two of the eight stay open; the others are closed.
        foreach (var refused in silent[2..])
        {
            (await ReadToEndAsync(refused)).ShouldBe(0);
        }

        using var client = await stage.ConnectAsync(stage.Phone.Key);
        await PublishAsync(client, "a", """{"kind":"x"}""");
        silent.ForEach(connection => connection.Dispose());
    }

    [Theory, BothDatabases]
    public async Task A_phone_has_as_many_requests_by_MQTT_as_by_HTTP_and_no_more_by_both(Database database)
    {
        await using var stage = await MqttStage.SetAsync(database, ("Limits:DeviceBurst", "4"), ("Limits:DevicePerMinute", "1"));
        using var client = await stage.ConnectAsync(stage.Phone.Key);
        await PublishAsync(client, "a", """{"kind":"x","id":"1"}""");
        await PublishAsync(client, "a", """{"kind":"x","id":"2"}""");
        await stage.Phone.PostAsync("""{"kind":"x","id":"3"}""");
        await stage.Phone.PostAsync("""{"kind":"x","id":"4"}""");

        await ShouldNotBeTakenAsync(client, """{"kind":"x","id":"5"}""");
        using var posted = await stage.Phone.TryPostAsync("""{"kind":"x","id":"6"}""");

        posted.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        (await stage.UpdatesAsync()).Count.ShouldBe(4);
    }

    [Fact]
    public async Task A_phone_that_publishes_a_little_too_fast_is_held_back_and_loses_nothing()
    {
        await using var stage = await MqttStage.SetAsync(Database.Sqlite, ("Limits:DeviceBurst", "2"), ("Limits:DevicePerMinute", "120"));
        using var client = await stage.ConnectAsync(stage.Phone.Key);

        for (var i = 0; i < 6; i++)
        {
            await PublishAsync(client, "a", $$"""{"kind":"x","id":"{{i}}"}""");
        }

        (await stage.UpdatesAsync()).Count.ShouldBe(6);
    }

    [Fact]
    public async Task Guessing_keys_is_slowed_and_a_right_key_is_let_in_all_the_same()
    {
        await using var stage = await MqttStage.SetAsync(Database.Sqlite, ("Limits:WrongKeysPerMinute", "2"));
        var refusals = new List<MqttClientConnectResultCode>();
        for (var i = 0; i < 3; i++)
        {
            refusals.Add(await stage.AnswerToAsync("guessed", MqttProtocolVersion.V500));
        }

        refusals.ShouldBe(
            [MqttClientConnectResultCode.BadUserNameOrPassword, MqttClientConnectResultCode.BadUserNameOrPassword,
                MqttClientConnectResultCode.ConnectionRateExceeded]);
        using var client = await stage.ConnectAsync(stage.Phone.Key);
        // For every protocol by which the wrong keys were sent.
        (await stage.Hub.Http.PostJsonAsync("/i/guessed", "{}")).StatusCode.ShouldBeOneOf(
            HttpStatusCode.TooManyRequests, HttpStatusCode.ServiceUnavailable);
    }

    private static async Task ShouldNotBeTakenAsync(IMqttClient client, string payload)
    {
        try
        {
            var answer = await client.PublishAsync(Message("a", payload, MqttQualityOfServiceLevel.AtLeastOnce), Cancel);
            answer.IsSuccess.ShouldBeFalse();
        }
        catch (MqttCommunicationException)
        {
            // Cut without an answer: the app must send it again.
        }
    }

    private static async Task PublishAsync(
        IMqttClient client, string topic, string payload, MqttQualityOfServiceLevel level = MqttQualityOfServiceLevel.AtLeastOnce) =>
        (await client.PublishAsync(Message(topic, payload, level), Cancel)).IsSuccess.ShouldBeTrue();

    private static MqttApplicationMessage Message(string topic, string payload, MqttQualityOfServiceLevel level) =>
        new MqttApplicationMessageBuilder().WithTopic(topic).WithPayload(payload).WithQualityOfServiceLevel(level).Build();

    private static string IngestKey(TestDevice phone) => phone.IngestUrl![(phone.IngestUrl!.LastIndexOf('/') + 1)..];

    private static async Task<int> ReadToEndAsync(TcpClient connection)
    {
        try
        {
            return await connection.GetStream().ReadAsync(new byte[16], Cancel).AsTask().WaitAsync(TimeSpan.FromSeconds(8), Cancel);
        }
        catch (IOException)
        {
            return 0;
        }
    }

    /// <summary>A hub with MQTT, and a phone.</summary>
    private sealed class MqttStage(HubApp hub, TestOwner owner, TestDevice phone, int port) : IAsyncDisposable
    {
        public HubApp Hub => hub;

        public TestOwner Owner => owner;

        public TestDevice Phone => phone;

        public int Port => port;

        public static async Task<MqttStage> SetAsync(Database database, params (string Key, string Value)[] settings)
        {
            var port = FindPort();
            var hub = await HubApp.StartAsync(database, options =>
            {
                options.Settings["Mqtt:Port"] = port.ToString(System.Globalization.CultureInfo.InvariantCulture);
                foreach (var (key, value) in settings)
                {
                    options.Settings[key] = value;
                }
            });
            var owner = await hub.SignUpAsync();
            return new MqttStage(hub, owner, await owner.AddDeviceAsync(), port);
        }

        public async Task<IMqttClient> ConnectAsync(
            string key, string clientId = "phone", MqttProtocolVersion version = MqttProtocolVersion.V311)
        {
            var client = new MqttClientFactory().CreateMqttClient();
            try
            {
                await client.ConnectAsync(
                    new MqttClientOptionsBuilder().WithTcpServer("127.0.0.1", port).WithCredentials("anybody", key).WithClientId(clientId)
                        .WithProtocolVersion(version)
                        .WithCleanSession(false).Build(), Cancel);
                return client.IsConnected ? client : throw new MqttCommunicationException("It was not let in.");
            }
            catch
            {
                client.Dispose();
                throw;
            }
        }

        /// <summary>Connects and returns the hub's answer.</summary>
        public async Task<MqttClientConnectResultCode> AnswerToAsync(string key, MqttProtocolVersion version)
        {
            using var client = new MqttClientFactory().CreateMqttClient();
            var answer = await client.ConnectAsync(
                new MqttClientOptionsBuilder().WithTcpServer("127.0.0.1", port).WithCredentials("anybody", key).WithClientId("guest")
                    .WithProtocolVersion(version).Build(), Cancel);
            return answer.ResultCode;
        }

        public async Task<List<JsonElement>> UpdatesAsync() =>
            [.. (await owner.Http.JsonAsync($"/feeds/{phone.Feed}.json")).GetProperty("items").EnumerateArray()
                .Select(item => item.GetProperty("_update"))];

        public ValueTask DisposeAsync() => hub.DisposeAsync();

        private static int FindPort()
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            return ((IPEndPoint)socket.LocalEndPoint!).Port;
        }
    }
}
