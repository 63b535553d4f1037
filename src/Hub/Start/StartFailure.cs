using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;

namespace ActivityHub.Hub.Start;

/// <summary>Why the process could not start, in one line for whoever started it.</summary>
internal static class StartFailure
{
    private const string Prefix = "Activity Hub cannot start: ";

    /// <summary>Null where it is a surprise, which deserves its stack.</summary>
    public static string? Explain(Exception exception) => exception switch
    {
        OptionsValidationException options => Prefix + OneLine(string.Join("; ", options.Failures)),
        IOException { InnerException: AddressInUseException } busy => $"{Prefix}{OneLine(busy.Message)} Stop the other process, or choose another port: --urls http://localhost:8081",
        System.Net.Sockets.SocketException refused => $"{Prefix}it cannot listen there ({refused.SocketErrorCode}); choose another address with --urls.",
        AggregateException { InnerExceptions: [var only] } => Explain(only),
        InvalidOperationException or FormatException or InvalidDataException => Prefix + OneLine(exception.Message),
        _ => null,
    };

    private static string OneLine(string text) => string.Join(' ', text.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
}
