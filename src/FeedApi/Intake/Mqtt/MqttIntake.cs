using System.Buffers;
using System.Net;
using System.Net.Sockets;
using ActivityHub.FeedApi.Limits;
using ActivityHub.FeedApi.Settings;
using ActivityHub.Ledger.Access;
using ActivityHub.Ledger.Connections;
using ActivityHub.Ledger.Updates;
using Microsoft.Extensions.Options;
using MQTTnet.Diagnostics.Logger;
using MQTTnet.Protocol;
using MQTTnet.Server;

namespace ActivityHub.FeedApi.Intake.Mqtt;

/// <summary>
/// Receives the messages of apps over MQTT, as the ingest address does over HTTP. It is no broker: a publication goes to the phone's feed
/// and to no subscriber. A publication of QoS 1 or 2 is acknowledged once it is on disk. If it cannot be stored, the connection is closed,
/// and the app sends it again.
/// </summary>
internal sealed partial class MqttIntake(
    IOptions<MqttOptions> options, DeviceAccess access, PhoneFormats formats, PhoneIntake intake, FeedLimits limits, WrongKeys wrongKeys,
    ConnectionSeats seats, TimeProvider time, ILogger<MqttIntake> logger) : IHostedService, IDisposable
{
    private const string Key = "key";
    private const string OwnTracks = "owntracks";
    private const int MaxTopic = 200;
    private static readonly TimeSpan ConnectWithin = TimeSpan.FromSeconds(10);

    // A client that guesses keys waits, and meanwhile occupies one of its few connections. A phone that publishes too fast is slowed down,
    // not disconnected.
    private static readonly TimeSpan SlowedBy = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(10);

    private readonly CancellationTokenSource _stopping = new();

    private MqttServer? _server;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (options.Value.Port == 0)
        {
            return;
        }

        var address = new IPEndPoint(IPAddress.Parse(options.Value.Address), options.Value.Port);
        var factory = new MqttServerFactory();
        var settings = factory.CreateServerOptionsBuilder().WithoutDefaultEndpoint().WithDefaultCommunicationTimeout(ConnectWithin).Build();
        // The server's own log would contain topics and user names.
        _server = factory.CreateMqttServer(
            settings, [new MqttListener(address, options.Value.MaxConnections, seats, logger)], MqttNetNullLogger.Instance);
        _server.ValidatingConnectionAsync += WelcomeAsync;
        _server.InterceptingPublishAsync += TakeAsync;
        _server.InterceptingSubscriptionAsync += SubscribeAsync;
        try
        {
            await _server.StartAsync();
        }
        catch (SocketException exception)
        {
            throw new InvalidOperationException(
                $"MQTT cannot listen on {address} ({exception.SocketErrorCode}); choose another Mqtt:Port or Mqtt:Address.", exception);
        }

        Log.Listens(logger, address);
        if (!IPAddress.IsLoopback(address.Address))
        {
            Log.InTheClear(logger, address);
        }
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        if (_server is { IsStarted: true })
        {
            await _server.StopAsync(new MqttServerStopOptions());
        }
    }

    public void Dispose()
    {
        _server?.Dispose();
        _stopping.Dispose();
    }

    // Any user name is accepted, because apps require one.
    private async Task WelcomeAsync(ValidatingConnectionEventArgs arrival)
    {
        try
        {
            var key = arrival.Password;
            if (key is null || await access.FindAsync(key, fresh: false, arrival.CancellationToken) is null)
            {
                arrival.ReasonCode = await SlowAsync(arrival.RemoteEndPoint)
                    ? MqttConnectReasonCode.ConnectionRateExceeded
                    : MqttConnectReasonCode.BadUserNameOrPassword;
                return;
            }

            arrival.SessionItems[Key] = key;
            arrival.ReasonCode = MqttConnectReasonCode.Success;
        }
#pragma warning disable CA1031 // Most likely the database is not available; the app connects again.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.Failed(logger, exception.Message);
            arrival.ReasonCode = MqttConnectReasonCode.ServerUnavailable;
        }
    }

    // Returns true where the client has sent too many wrong keys.
    private async Task<bool> SlowAsync(EndPoint? client)
    {
        if (wrongKeys.Take((client as IPEndPoint)?.Address).IsKept)
        {
            return false;
        }

        await Task.Delay(SlowedBy, TimeProvider.System, _stopping.Token);
        return true;
    }

    // HTTP has 429 for this. MQTT has no such answer, so the phone's next message is read later.
    private async Task<bool> MayAsync(long deviceId)
    {
        var quota = limits.TakeDevice(deviceId);
        if (!quota.IsKept && quota.RetryAfter <= LongestWait)
        {
            await Task.Delay(quota.RetryAfter, TimeProvider.System, _stopping.Token);
            quota = limits.TakeDevice(deviceId);
        }

        return quota.IsKept;
    }

    private async Task TakeAsync(InterceptingPublishEventArgs published)
    {
        // The publication goes to no subscriber, and nothing is retained.
        published.ProcessPublish = false;
        try
        {
            var outcome = await AppendAsync(published);
            if (outcome is AppendOutcome.Appended)
            {
                published.Response.ReasonCode = MqttPubAckReasonCode.Success;
                return;
            }

            published.Response.ReasonCode = outcome is null
                ? MqttPubAckReasonCode.NotAuthorized
                : MqttPubAckReasonCode.ImplementationSpecificError;
        }
#pragma warning disable CA1031 // As above. The server would ignore an exception and acknowledge the message.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.Failed(logger, exception.Message);
            published.Response.ReasonCode = MqttPubAckReasonCode.ImplementationSpecificError;
        }

        // MQTT 3.1.1 has no other way to refuse a message, and with MQTT 5 an app does not repeat a refused message.
        published.CloseConnection = true;
    }

    private async Task<AppendOutcome?> AppendAsync(InterceptingPublishEventArgs published)
    {
        if (published.SessionItems[Key] is not string key ||
            await access.FindAsync(key, fresh: false, CancellationToken.None) is not { } decision)
        {
            return null;
        }

        if (!await MayAsync(decision.DeviceId))
        {
            return new AppendOutcome.Unavailable(LongestWait, "The phone publishes too often.");
        }

        var message = published.ApplicationMessage;
        using var request = new PhoneRequest(
            "MQTT", "", Headers(message.Topic, message.ContentType), message.Payload.ToArray(),
            time.GetUtcNow())
        { Rules = decision.Rules };
        var format = (message.Topic.StartsWith(OwnTracks + "/", StringComparison.Ordinal) ? formats.Find(OwnTracks) : null)
            ?? formats.Recognise(request);
        var (outcome, _) = await intake.TakeAsync(
            decision, () => access.FindAsync(key, fresh: true, CancellationToken.None), format, request);
        return outcome;
    }

    /// <summary>
    /// Adds the user and the device, which OwnTracks puts into the topic (<c>owntracks/{user}/{device}</c>) and over HTTP into headers.
    /// </summary>
    private static Dictionary<string, string> Headers(string topic, string? contentType)
    {
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase) { ["Topic"] = Clip(topic) };
        if (contentType is not null)
        {
            headers["Content-Type"] = Clip(contentType);
        }

        if (topic.Split('/') is [OwnTracks, { Length: > 0 } user, { Length: > 0 } device, ..])
        {
            (headers["X-Limit-U"], headers["X-Limit-D"]) = (Clip(user), Clip(device));
        }

        return headers;
    }

    // Some apps disconnect if the subscription to their command topic is refused. It is accepted, and nothing is ever sent there.
    private static Task SubscribeAsync(InterceptingSubscriptionEventArgs subscription)
    {
        if (subscription.TopicFilter.Topic.Split('/') is not [OwnTracks, not ("+" or "#"), not ("+" or "#"), "cmd"])
        {
            subscription.ProcessSubscription = false;
            subscription.Response.ReasonCode = MqttSubscribeReasonCode.NotAuthorized;
        }

        return Task.CompletedTask;
    }

    private static string Clip(string text) => text.Length > MaxTopic ? text[..MaxTopic] : text;

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Phones may publish by MQTT to {Address}")]
        public static partial void Listens(ILogger logger, IPEndPoint address);

        [LoggerMessage(2, LogLevel.Warning, "MQTT at {Address} has no TLS: keys are sent unencrypted unless a proxy in front ends TLS")]
        public static partial void InTheClear(ILogger logger, IPEndPoint address);

        [LoggerMessage(3, LogLevel.Error,
            "An MQTT message or connection failed ({Reason}): the connection is closed, and the app tries again")]
        public static partial void Failed(ILogger logger, string reason);
    }
}
