using Microsoft.Extensions.Configuration;

namespace ActivityHub.Telemetry;

/// <summary>What OpenTelemetry's usual variables want of this process: nothing is exported unless they name a receiver.</summary>
internal sealed record ExportSettings(bool IsOff, bool Traces, bool Metrics)
{
    public static ExportSettings Read(IConfiguration settings)
    {
        var isOff = string.Equals(settings["OTEL_SDK_DISABLED"], "true", StringComparison.OrdinalIgnoreCase);
        return new ExportSettings(isOff, !isOff && Wants(settings, "TRACES"), !isOff && Wants(settings, "METRICS"));
    }

    private static bool Wants(IConfiguration settings, string signal) =>
        !string.Equals(settings[$"OTEL_{signal}_EXPORTER"], "none", StringComparison.OrdinalIgnoreCase)
        &&
            (settings["OTEL_EXPORTER_OTLP_ENDPOINT"] is { Length: > 0 } ||
                settings[$"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT"] is { Length: > 0 });
}
