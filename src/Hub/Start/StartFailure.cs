using System.Data.Common;
using System.Net.Sockets;
using System.Reflection;
using ActivityHub.Ledger.Storage;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;

namespace ActivityHub.Hub.Start;

/// <summary>Describes in one line why the process could not start.</summary>
internal static class StartFailure
{
    private const string Prefix = "Activity Hub cannot start: ";

    /// <summary>Null where it is a surprise, which deserves its stack.</summary>
    /// <param name="exception">What stopped the start.</param>
    /// <param name="settings">In which a wrong value is looked up; null where they could not even be read.</param>
    public static string? Explain(Exception exception, IConfiguration? settings)
    {
        var reason = exception switch
        {
            AggregateException { InnerExceptions: [var only] } => Explain(only, settings)?[Prefix.Length..],
            OptionsValidationException options =>
                string.Join("; ", options.Failures.Select(failure => Named(options.OptionsType, failure, settings)).Distinct()),
            IOException { InnerException: AddressInUseException } =>
                $"{exception.Message} Stop the other process, or choose another port: --urls http://localhost:8081",
            SocketException refused => $"it cannot listen there ({refused.SocketErrorCode}); choose another address with --urls.",
            LedgerUnavailableException or WrongSettingException => exception.Message,
            _ when Database(exception) is { } database => $"the database cannot be used: {database}",
            InvalidOperationException or FormatException or InvalidDataException => exception.Message,
            _ => null,
        };
        return reason is null ? null
            : Prefix + string.Join(' ', reason.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
    }

    // A validator names only the property and omits the value found: with section and value the setting can be corrected without the
    // source.
    private static string Named(Type type, string failure, IConfiguration? settings)
    {
        var colon = failure.IndexOf(':', StringComparison.Ordinal);
        var property = colon < 0 ? "" : failure[..colon].Trim();
        if (type.GetField("Section", BindingFlags.Public | BindingFlags.Static)?.GetRawConstantValue() is not string section ||
            type.GetProperty(property) is null)
        {
            return failure;
        }

        var name = $"{section}:{property}";
        var wanted = failure[(colon + 1)..].Trim().Replace($"The field {type.Name}.{property} ", "it ", StringComparison.Ordinal);
        return $"{name} is \"{settings?[name]}\"; {(wanted.StartsWith("must", StringComparison.Ordinal) ? "it " : "")}{wanted}";
    }

    // The innermost exception names the cause: no route, no such database, a wrong password. None of them repeats the password.
    private static string? Database(Exception exception)
    {
        var found = false;
        while (true)
        {
            found |= exception is DbException;
            if (exception.InnerException is null)
            {
                return found ? exception.Message : null;
            }

            exception = exception.InnerException;
        }
    }
}
