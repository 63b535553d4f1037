namespace ActivityHub.Ledger.Settings;

/// <summary>Marks a constant with the name of a setting that is read by its name and is not a property of an options class.</summary>
/// <param name="type">The type of the setting's values.</param>
[AttributeUsage(AttributeTargets.Field)]
public sealed class SettingAttribute(Type type) : Attribute
{
    public Type Type => type;
}
