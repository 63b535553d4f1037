using System.ComponentModel.DataAnnotations;
using System.Net;
using ActivityHub.Ledger;
using ActivityHub.Ledger.Settings;
using Microsoft.Extensions.Options;

namespace ActivityHub.Workers.Settings;

/// <summary>Where outbound requests may go beyond the public Internet: of section <c>Hub</c>.</summary>
public sealed class OutboundOptions : IValidatableObject
{
    [Setting(typeof(TimeSpan))]
    private const string LifetimeSetting = "Hub:CallbackConnectionLifetime";

    private static readonly TimeSpan ShortestLifetime = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestLifetime = TimeSpan.FromHours(1);

    /// <summary>Private networks that callbacks may be in: CIDRs, separated by commas or given one by one.</summary>
    /// <value>Default none: no private, loopback, link-local or otherwise special address is ever reached.</value>
    public IReadOnlyList<string> AllowedCallbackNetworks { get; set; } = [];

    /// <summary>The longest use of one connection to a callback, and so of one DNS answer. <c>Hub:CallbackConnectionLifetime</c>.</summary>
    /// <value>Default 3 min; 1 s to 1 h.</value>
    public TimeSpan ConnectionLifetime { get; set; } = TimeSpan.FromMinutes(3);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (ConnectionLifetime < ShortestLifetime || ConnectionLifetime > LongestLifetime)
        {
            yield return new ValidationResult(
                $"{LifetimeSetting} is {ConnectionLifetime}; it may be {ShortestLifetime} to {LongestLifetime}.",
                [nameof(ConnectionLifetime)]);
        }

        foreach (var network in AllowedCallbackNetworks.Where(network => !IPNetwork.TryParse(network, out _)))
        {
            yield return new ValidationResult(
                $"Hub:AllowedCallbackNetworks holds \"{network}\", which is not a network; write it as 127.0.0.0/8 or fd00::/8, several "
                + "separated by commas.",
                [nameof(AllowedCallbackNetworks)]);
        }
    }

    internal void Read(IConfiguration configuration)
    {
        AllowedCallbackNetworks = NetworkSetting.In(configuration, NetworkSetting.AllowedCallbacks);
        ConnectionLifetime = configuration.GetValue(LifetimeSetting, ConnectionLifetime);
    }
}

internal sealed class OutboundOptionsValidator : IValidateOptions<OutboundOptions>
{
    public ValidateOptionsResult Validate(string? name, OutboundOptions options)
    {
        var faults = options.Validate(new ValidationContext(options)).Select(fault => fault.ErrorMessage!).ToList();
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }
}
