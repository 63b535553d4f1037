namespace ActivityHub.Ledger.Settings;

/// <summary>Marks a constant that names a setting which is read by its name, and so is no property of an options class.</summary>
/// <param name="type">Of its values.</param>
[AttributeUsage(AttributeTargets.Field)]
public sealed class SettingAttribute(Type type) : Attribute
{
    public Type Type => type;
}
