using System.Reflection;

namespace ActivityHub.Ledger.Settings;

/// <summary>
/// All settings of a program, found in its code: the properties of each options class (a class with a constant <c>Section</c>), and the
/// constants that are marked as settings. No list is kept by hand.
/// </summary>
public sealed class KnownSettings
{
    private const string Ours = "ActivityHub.";
    private const string SectionField = "Section";

    private readonly Dictionary<string, KnownSetting> _byName;

    private KnownSettings(IEnumerable<KnownSetting> settings) =>
        _byName = settings.DistinctBy(setting => setting.Name, StringComparer.OrdinalIgnoreCase)
            .ToDictionary(setting => setting.Name, StringComparer.OrdinalIgnoreCase);

    public IReadOnlyCollection<KnownSetting> All => _byName.Values;

    /// <summary>Finds the settings of an assembly and of the product's assemblies that it references.</summary>
    public static KnownSettings Of(Assembly program) =>
        new(WithReferences(program).SelectMany(assembly => assembly.GetTypes()).SelectMany(SettingsOf));

    /// <summary>Returns the setting of this name, or null. An element of a list (<c>Name:0</c>) is found as the list.</summary>
    public KnownSetting? Find(string name) =>
        _byName.TryGetValue(name, out var found) ? found
        : name.LastIndexOf(':') is var colon and > 0 && int.TryParse(name[(colon + 1)..], out _) &&
            _byName.TryGetValue(name[..colon], out var list) && list.IsList ? list
        : null;

    /// <summary>Whether the first word of a name is a section of the product.</summary>
    public bool HasSection(string name) =>
        _byName.Keys.Any(known => SectionOf(known).Equals(SectionOf(name), StringComparison.OrdinalIgnoreCase));

    /// <summary>Returns the setting with the most similar name, and the number of letters by which it differs.</summary>
    public (string Name, int Distance) Nearest(string name) =>
        _byName.Keys.Select(known => (Name: known, Distance: EditDistance.Between(known.ToUpperInvariant(), name.ToUpperInvariant())))
            .MinBy(near => near.Distance);

    public IEnumerable<string> NamesIn(string section) =>
        _byName.Keys.Where(known => SectionOf(known).Equals(section, StringComparison.OrdinalIgnoreCase)).Order(StringComparer.Ordinal);

    internal static string SectionOf(string name) => name.Split(':')[0];

    private static IEnumerable<KnownSetting> SettingsOf(Type type)
    {
        foreach (var field in type.GetFields(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.DeclaredOnly)
            .Where(field => field.IsLiteral))
        {
            if (field.GetCustomAttribute<SettingAttribute>() is { } marked)
            {
                yield return new KnownSetting((string)field.GetRawConstantValue()!, marked.Type, null);
            }
            else if (field is { Name: SectionField, IsPublic: true } && field.FieldType == typeof(string) &&
                type.Name.EndsWith("Options", StringComparison.Ordinal))
            {
                foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
                    .Where(property => property.SetMethod is { IsPublic: true }))
                {
                    yield return new KnownSetting($"{field.GetRawConstantValue()}:{property.Name}", property.PropertyType, property);
                }
            }
        }
    }

    private static HashSet<Assembly> WithReferences(Assembly program)
    {
        var found = new HashSet<Assembly>();
        var waiting = new Stack<Assembly>([program]);
        while (waiting.TryPop(out var assembly))
        {
            if (found.Add(assembly))
            {
                foreach (var reference in assembly.GetReferencedAssemblies()
                    .Where(name => name.Name!.StartsWith(Ours, StringComparison.Ordinal)))
                {
                    waiting.Push(Assembly.Load(reference));
                }
            }
        }

        return found;
    }
}
