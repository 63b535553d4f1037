using System.Buffers.Binary;

namespace ActivityHub.TestKit;

/// <summary>Reads the fields of a protobuf message by number; tests need no more of that format.</summary>
internal static class Protobuf
{
    private const int Varint = 0;
    private const int Fixed64 = 1;
    private const int LengthDelimited = 2;
    private const int Fixed32 = 5;

    /// <summary>Returns nested messages, texts and bytes unchanged; numbers as eight bytes in little-endian order.</summary>
    public static ILookup<int, ReadOnlyMemory<byte>> Read(ReadOnlyMemory<byte> message) =>
        Fields(message).ToLookup(field => field.Number, field => field.Value);

    public static ReadOnlyMemory<byte> One(this ILookup<int, ReadOnlyMemory<byte>> fields, int number) => fields[number].LastOrDefault();

    private static IEnumerable<(int Number, ReadOnlyMemory<byte> Value)> Fields(ReadOnlyMemory<byte> rest)
    {
        while (!rest.IsEmpty)
        {
            var key = ReadVarint(ref rest);
            yield return ((int)(key >> 3), ReadValue((int)(key & 7), ref rest));
        }
    }

    private static ReadOnlyMemory<byte> ReadValue(int wireType, ref ReadOnlyMemory<byte> rest)
    {
        switch (wireType)
        {
            case Varint:
                var number = new byte[8];
                BinaryPrimitives.WriteUInt64LittleEndian(number, ReadVarint(ref rest));
                return number;
            case Fixed64:
                return Take(8, ref rest);
            case Fixed32:
                return Take(4, ref rest);
            case LengthDelimited:
                return Take((int)ReadVarint(ref rest), ref rest);
            default:
                throw new InvalidDataException($"Wire type {wireType}.");
        }
    }

    private static ReadOnlyMemory<byte> Take(int length, ref ReadOnlyMemory<byte> rest)
    {
        var taken = rest[..length];
        rest = rest[length..];
        return taken;
    }

    private static ulong ReadVarint(ref ReadOnlyMemory<byte> rest)
    {
        var value = 0UL;
        for (var i = 0; ; i++)
        {
            var next = rest.Span[i];
            value |= (ulong)(next & 0x7f) << (7 * i);
            if (next < 0x80)
            {
                rest = rest[(i + 1)..];
                return value;
            }
        }
    }
}
