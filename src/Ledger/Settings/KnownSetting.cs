using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;

namespace ActivityHub.Ledger.Settings;

/// <summary>A setting of the product.</summary>
/// <param name="Name">The name, such as <c>Limits:Devices</c>.</param>
/// <param name="Type">The type of its values.</param>
/// <param name="Property">The property that it sets; null if the setting is read by its name.</param>
public sealed record KnownSetting(string Name, Type Type, PropertyInfo? Property)
{
    /// <summary>Whether the setting is a list, whose values may be given as <c>Name:0</c>, <c>Name:1</c> and so on.</summary>
    public bool IsList => Type != typeof(string) && Type.IsAssignableTo(typeof(System.Collections.IEnumerable));

    /// <summary>
    /// Returns the fault of a value in one line; null if it has the right type. Ranges are checked by the options' validators.
    /// </summary>
    public string? FaultOf(string value)
    {
        var type = Nullable.GetUnderlyingType(Type) ?? Type;
        if (IsList || type == typeof(string) || value.Length == 0)
        {
            return null;
        }

        try
        {
            TypeDescriptor.GetConverter(type).ConvertFromInvariantString(value);
            return null;
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException or NotSupportedException or OverflowException ||
            exception.InnerException is FormatException or OverflowException)
        {
            return $"{Name} is \"{value}\"; it must be {Wanted(type)}{Range()}.";
        }
    }

    private static string Wanted(Type type) => type switch
    {
        _ when type == typeof(bool) => "true or false",
        _ when type == typeof(TimeSpan) => "a time such as 00:00:30 (30 s) or 7.00:00:00 (7 days)",
        _ when type == typeof(double) || type == typeof(decimal) || type == typeof(float) => "a number such as 0.5",
        _ when type == typeof(Uri) => "a URL",
        _ when type.IsEnum => $"one of {string.Join(", ", Enum.GetNames(type))}",
        _ => "a whole number",
    };

    private string Range() =>
        Property?.GetCustomAttribute<RangeAttribute>() is { } range ? $", from {Shown(range.Minimum)} to {Shown(range.Maximum)}" : "";

    private static string Shown(object bound) =>
        bound is int or long ? ((IFormattable)bound).ToString("#,0", CultureInfo.InvariantCulture) : $"{bound}";
}
