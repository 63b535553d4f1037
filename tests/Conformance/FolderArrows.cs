using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace ActivityHub.Conformance;

/// <summary>
/// Reads from an assembly which of its folders uses which other ones. A folder is a namespace; the compiled code names every type in a
/// signature, a field or a statement. The project's root and the types that end with Registration, which combine the parts, are left out.
/// </summary>
internal static class FolderArrows
{
    /// <summary>Returns the arrows, each with the first type that causes it.</summary>
    public static Dictionary<string, Dictionary<string, string>> In(Assembly assembly)
    {
        using var file = new PEReader(File.OpenRead(assembly.Location));
        var reader = file.GetMetadataReader();
        var root = assembly.GetName().Name!;
        var folders = reader.TypeDefinitions.ToDictionary(handle => handle, handle => FolderOf(reader, handle, root));
        var arrows = new Dictionary<string, Dictionary<string, string>>(StringComparer.Ordinal);
        foreach (var handle in reader.TypeDefinitions)
        {
            if (folders[handle] is not { } from)
            {
                continue;
            }

            foreach (var known in KnownBy(file, reader, reader.GetTypeDefinition(handle)))
            {
                if (folders[known] is { } to && to != from)
                {
                    var drawn = arrows.TryGetValue(from, out var others) ? others : arrows[from] = [];
                    drawn.TryAdd(to, $"{Name(reader, handle)} knows {Name(reader, known)}");
                }
            }
        }

        return arrows;
    }

    /// <summary>Returns each cycle of folders as a sentence that names the arrows within it.</summary>
    public static IReadOnlyList<string> Circles(Dictionary<string, Dictionary<string, string>> arrows)
    {
        var reached = arrows.Keys.ToDictionary(folder => folder, folder => Reached(folder, arrows));
        return
        [
            .. arrows.Keys
                .Select(
                    folder =>
                        reached[folder].Where(other => reached.TryGetValue(other, out var back) && back.Contains(folder)).Append(folder)
                            .Distinct().Order(StringComparer.Ordinal).ToList())
                .Where(circle => circle.Count > 1)
                .DistinctBy(circle => string.Join('|', circle))
                .Select(circle => string.Join(", ", circle) + ": " + string.Join("; ",
                    from one in circle from other in circle where arrows[one]
                        .ContainsKey(other) select $"{one} -> {other} ({arrows[one][other]})")),
        ];
    }

    private static HashSet<string> Reached(string from, Dictionary<string, Dictionary<string, string>> arrows)
    {
        var (reached, waiting) = (new HashSet<string>(StringComparer.Ordinal), new Stack<string>([from]));
        while (waiting.TryPop(out var folder))
        {
            foreach (var next in (arrows.GetValueOrDefault(folder) ?? []).Keys.Where(reached.Add))
            {
                waiting.Push(next);
            }
        }

        return reached;
    }

    private static IEnumerable<TypeDefinitionHandle> KnownBy(PEReader file, MetadataReader reader, TypeDefinition type)
    {
        var names = new NamedTypes(reader);
        names.Add(type.BaseType);
        foreach (var handle in type.GetInterfaceImplementations())
        {
            names.Add(reader.GetInterfaceImplementation(handle).Interface);
        }

        foreach (var handle in type.GetFields())
        {
            reader.GetFieldDefinition(handle).DecodeSignature(names, null);
        }

        foreach (var handle in type.GetMethods())
        {
            var method = reader.GetMethodDefinition(handle);
            method.DecodeSignature(names, null);
            if (method.RelativeVirtualAddress == 0)
            {
                continue;
            }

            var body = file.GetMethodBody(method.RelativeVirtualAddress);
            if (!body.LocalSignature.IsNil)
            {
                reader.GetStandaloneSignature(body.LocalSignature).DecodeLocalSignature(names, null);
            }

            foreach (var token in MadeObjects.TokensOf(body.GetILReader()))
            {
                names.Add(token);
            }
        }

        return names.Found;
    }

    private static string? FolderOf(MetadataReader reader, TypeDefinitionHandle handle, string root)
    {
        var type = reader.GetTypeDefinition(handle);
        while (!type.GetDeclaringType().IsNil)
        {
            type = reader.GetTypeDefinition(type.GetDeclaringType());
        }

        var name = reader.GetString(type.Namespace);
        if (reader.GetString(type.Name).EndsWith("Registration", StringComparison.Ordinal))
        {
            return null;
        }

        return name.StartsWith(root + ".", StringComparison.Ordinal) ? name[(root.Length + 1)..] : null;
    }

    private static string Name(MetadataReader reader, TypeDefinitionHandle handle)
    {
        var type = reader.GetTypeDefinition(handle);
        while (!type.GetDeclaringType().IsNil)
        {
            type = reader.GetTypeDefinition(type.GetDeclaringType());
        }

        return reader.GetString(type.Name);
    }
}
