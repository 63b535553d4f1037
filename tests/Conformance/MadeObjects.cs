using System.Reflection;
using System.Reflection.Emit;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace ActivityHub.Conformance;

/// <summary>Reads from an assembly's code which of its types create objects of which types, and which static methods they call.</summary>
internal static class MadeObjects
{
    private static readonly Dictionary<int, OpCode> OneByte = Codes(size: 1);
    private static readonly Dictionary<int, OpCode> TwoBytes = Codes(size: 2);

    /// <summary>
    /// Returns each pair once: the outermost type that does it, and <c>Namespace.Type</c> of the created object, or
    /// <c>Namespace.Type.Method</c> of the called method.
    /// </summary>
    public static IReadOnlySet<(string By, string What)> In(Assembly assembly)
    {
        using var file = new PEReader(File.OpenRead(assembly.Location));
        var reader = file.GetMetadataReader();
        var found = new HashSet<(string, string)>();
        foreach (var method in reader.MethodDefinitions.Select(reader.GetMethodDefinition)
            .Where(method => method.RelativeVirtualAddress != 0))
        {
            var body = file.GetMethodBody(method.RelativeVirtualAddress).GetILReader();
            foreach (var (code, token) in Tokens(body))
            {
                if (Named(reader, token) is { } member &&
                    (code == OpCodes.Newobj || code == OpCodes.Call || code == OpCodes.Ldftn || code == OpCodes.Callvirt))
                {
                    found.Add(
                        (Outermost(reader, method.GetDeclaringType()), code == OpCodes.Newobj
                            ? member.Type
                            : $"{member.Type}.{member.Name}"));
                }
            }
        }

        return found;
    }

    /// <summary>Returns every method, field and type that a method's code names.</summary>
    public static IEnumerable<EntityHandle> TokensOf(BlobReader body) => Tokens(body, anyKind: true).Select(found => found.Token);

    private static IEnumerable<(OpCode Code, EntityHandle Token)> Tokens(BlobReader body, bool anyKind = false)
    {
        var found = new List<(OpCode, EntityHandle)>();
        while (body.RemainingBytes > 0)
        {
            int first = body.ReadByte();
            var code = first == 0xfe ? TwoBytes[body.ReadByte()] : OneByte[first];
            if (code.OperandType == OperandType.InlineMethod ||
                (anyKind && code.OperandType is OperandType.InlineField or OperandType.InlineType or OperandType.InlineTok))
            {
                found.Add((code, (EntityHandle)MetadataTokens.Handle(body.ReadInt32())));
                continue;
            }

            // Reading the length of a switch advances the reader: first the length is read, then the rest is skipped.
            var length = code.OperandType switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => body.ReadInt32() * 4,
                _ => 4,
            };
            body.Offset += length;
        }

        return found;
    }

    private static (string Type, string Name)? Named(MetadataReader reader, EntityHandle handle)
    {
        if (handle.Kind == HandleKind.MethodSpecification)
        {
            handle = reader.GetMethodSpecification((MethodSpecificationHandle)handle).Method;
        }

        if (handle.Kind != HandleKind.MemberReference)
        {
            return null;
        }

        var member = reader.GetMemberReference((MemberReferenceHandle)handle);
        if (member.Parent.Kind != HandleKind.TypeReference)
        {
            return null;
        }

        var type = reader.GetTypeReference((TypeReferenceHandle)member.Parent);
        return ($"{reader.GetString(type.Namespace)}.{reader.GetString(type.Name)}", reader.GetString(member.Name));
    }

    // Lambdas and async methods are compiled to types inside the type in the source.
    private static string Outermost(MetadataReader reader, TypeDefinitionHandle handle)
    {
        var type = reader.GetTypeDefinition(handle);
        while (!type.GetDeclaringType().IsNil)
        {
            type = reader.GetTypeDefinition(type.GetDeclaringType());
        }

        return $"{reader.GetString(type.Namespace)}.{reader.GetString(type.Name)}";
    }

    private static Dictionary<int, OpCode> Codes(int size) => typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => (OpCode)field.GetValue(null)!).Where(code => code.Size == size).ToDictionary(code => code.Value & 0xff);
}
