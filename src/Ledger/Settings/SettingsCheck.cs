using System.Reflection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.CommandLine;
using Microsoft.Extensions.Configuration.EnvironmentVariables;
using Microsoft.Extensions.Configuration.Json;

namespace ActivityHub.Ledger.Settings;

/// <summary>
/// Rejects settings that would be ignored: unknown switches and settings, and values of the wrong type. In the product's own sections it
/// checks every source. In other sections it checks the command line. The environment and the settings file may contain settings of other
/// programs, so there it rejects only near misspellings of a setting of the product.
/// </summary>
public static class SettingsCheck
{
    // The sections and settings of the host and of the libraries.
    private static readonly string[] OfHost =
    [
        "urls", "http_ports", "https_ports", "environment", "contentRoot", "applicationName", "webroot", "hostBuilder", "Logging",
        "Kestrel", "AllowedHosts", "shutdownTimeoutSeconds", "detailedErrors", "captureStartupErrors", "preferHostingUrls",
        "suppressStatusMessages", "hostingStartupAssemblies", "hostingStartupExcludeAssemblies", "preventHostingStartup",
        "forwardedHeaders_enabled",
    ];

    private const string OfTelemetry = "OTEL_";
    private const string OfEveryProgram = "ConnectionStrings";
    private const int Misspelt = 2;

    /// <summary>Parses the words of the command line.</summary>
    /// <exception cref="WrongSettingsException">A word has a fault.</exception>
    public static CommandWords Words(IReadOnlyList<string> words, Assembly program, params IReadOnlyCollection<string> switches)
    {
        var read = CommandWords.Read(words, switches, KnownSettings.Of(program));
        return read.Faults.Count == 0 ? read : throw new WrongSettingsException(read.Faults);
    }

    /// <param name="configuration">The configuration of the program.</param>
    /// <param name="program">The assembly whose settings are known.</param>
    /// <param name="isWhole">
    /// False if other roles' settings are not known here. Then, in a shared section, only near misspellings of a setting are rejected.
    /// </param>
    /// <exception cref="WrongSettingsException">A setting is unknown, or has a value of the wrong type.</exception>
    public static void Check(IConfiguration configuration, Assembly program, bool isWhole)
    {
        var known = KnownSettings.Of(program);
        var faults = Faults((IConfigurationRoot)configuration, known, isWhole).Distinct().ToList();
        if (faults.Count > 0)
        {
            throw new WrongSettingsException(faults);
        }
    }

    internal static string Unknown(string shown, string name, KnownSettings known)
    {
        var (nearest, distance) = known.Nearest(name);
        var section = KnownSettings.SectionOf(name);
        return distance <= Math.Max(Misspelt, name.Length / 3) ? $"there is no setting {shown}; did you mean {nearest}?"
            : known.NamesIn(section).ToList() is { Count: > 0 } names
                ? $"there is no setting {shown}; of {section} there are {string.Join(", ", names)}."
            : $"there is no setting {shown}; --help names the usual ones.";
    }

    private static IEnumerable<string> Faults(IConfigurationRoot configuration, KnownSettings known, bool isWhole)
    {
        foreach (var provider in configuration.Providers.Where(
            provider =>
                provider is CommandLineConfigurationProvider or EnvironmentVariablesConfigurationProvider or JsonConfigurationProvider))
        {
            foreach (var name in NamesOf(provider, null).Where(name => IsUnknown(name, provider, known, isWhole)))
            {
                yield return Unknown(Shown(name, provider), name, known);
            }
        }

        foreach (var setting in known.All)
        {
            if (configuration[setting.Name] is { } value && setting.FaultOf(value) is { } fault)
            {
                yield return fault;
            }
        }
    }

    private static bool IsUnknown(string name, IConfigurationProvider provider, KnownSettings known, bool isWhole)
    {
        if (known.Find(name) is not null)
        {
            return false;
        }

        var section = KnownSettings.SectionOf(name);
        var isCommandLine = provider is CommandLineConfigurationProvider;
        if (known.HasSection(name) && (isCommandLine || !section.Equals(OfEveryProgram, StringComparison.OrdinalIgnoreCase)))
        {
            // The name of a section without a setting, such as an empty JSON section, sets nothing.
            return (name.Contains(':', StringComparison.Ordinal) || isCommandLine) &&
                (isWhole || isCommandLine || known.Nearest(name).Distance <= Misspelt);
        }

        return isCommandLine
            ? !OfHost.Contains(section, StringComparer.OrdinalIgnoreCase) &&
                !section.StartsWith(OfTelemetry, StringComparison.OrdinalIgnoreCase)
            : name.Contains(':', StringComparison.Ordinal) && !OfHost.Contains(section, StringComparer.OrdinalIgnoreCase) &&
                known.Nearest(name).Distance <= Misspelt;
    }

    private static IEnumerable<string> NamesOf(IConfigurationProvider provider, string? parent)
    {
        foreach (var key in provider.GetChildKeys([], parent).Distinct(StringComparer.OrdinalIgnoreCase))
        {
            var name = parent is null ? key : $"{parent}:{key}";
            if (provider.TryGet(name, out _))
            {
                yield return name;
            }

            foreach (var below in NamesOf(provider, name))
            {
                yield return below;
            }
        }
    }

    private static string Shown(string name, IConfigurationProvider provider) => provider switch
    {
        CommandLineConfigurationProvider => $"--{name}",
        JsonConfigurationProvider json => $"{name} (in {json.Source.Path})",
        _ => $"{name.Replace(":", "__", StringComparison.Ordinal)} (in the environment)",
    };
}
