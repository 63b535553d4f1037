using System.Reflection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.CommandLine;
using Microsoft.Extensions.Configuration.EnvironmentVariables;
using Microsoft.Extensions.Configuration.Json;

namespace ActivityHub.Ledger.Settings;

/// <summary>
/// Refuses what was set and would be ignored: a switch or setting that there is none of, and a value of the wrong type. In our own sections from any source;
/// elsewhere from the command line alone, since the environment and the settings file may hold what belongs to other programs.
/// </summary>
public static class SettingsCheck
{
    // The sections and words of the hosts and libraries that we start with.
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

    /// <summary>Reads the command line's words, too; returns what is left for the configuration.</summary>
    /// <exception cref="WrongSettingsException">Something is wrong with a word.</exception>
    public static CommandWords Words(IReadOnlyList<string> words, Assembly program, params IReadOnlyCollection<string> switches)
    {
        var read = CommandWords.Read(words, switches, KnownSettings.Of(program));
        return read.Faults.Count == 0 ? read : throw new WrongSettingsException(read.Faults);
    }

    /// <param name="configuration">Of the program.</param>
    /// <param name="program">Whose settings are known.</param>
    /// <param name="isWhole">
    /// False where other roles' settings are not known here: in a section that they share, only what is nearly one of ours is refused.
    /// </param>
    /// <exception cref="WrongSettingsException">Something is unknown, or has a value of the wrong type.</exception>
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
            // A section alone, as JSON has it where it is empty, sets nothing.
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
