using System.ComponentModel.DataAnnotations;
using System.Net;
using Microsoft.Extensions.Options;

namespace ActivityHub.FeedApi.Settings;

/// <summary>Whether apps may send by MQTT, and where: section <c>Mqtt</c>.</summary>
public sealed class MqttOptions
{
    public const string Section = "Mqtt";

    /// <summary>The port on which it is spoken; 0 = it is not.</summary>
    /// <value>Default 0; 0 to 65,535.</value>
    [Range(0, 65_535)]
    public int Port { get; set; }

    /// <summary>
    /// The address on which it listens. There is no TLS here: keys would travel in the clear, so anything beyond this machine belongs
    /// behind a proxy that ends it.
    /// </summary>
    /// <value>Default 127.0.0.1; an IP address, <c>0.0.0.0</c> or <c>::</c> for all.</value>
    public string Address { get; set; } = "127.0.0.1";

    /// <summary>How many connections this process holds; one more is closed.</summary>
    /// <value>Default 1,000; 1 to 100,000.</value>
    [Range(1, 100_000)]
    public int MaxConnections { get; set; } = 1000;
}

[OptionsValidator]
internal sealed partial class MqttOptionsValidator : IValidateOptions<MqttOptions>;

/// <summary>What no range can say.</summary>
internal sealed class MqttAddressValidator : IValidateOptions<MqttOptions>
{
    public ValidateOptionsResult Validate(string? name, MqttOptions options) => IPAddress.TryParse(options.Address, out _)
        ? ValidateOptionsResult.Success
        : ValidateOptionsResult.Fail(
            $"Mqtt:Address is \"{options.Address}\", which is no IP address; write 127.0.0.1, 0.0.0.0 or ::, for example.");
}
