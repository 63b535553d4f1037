using System.IO.Compression;
using System.Text;
using System.Text.Json;
using ActivityHub.Phones.CommandLine;
using ActivityHub.Phones.Http;

namespace ActivityHub.Phones.Replay;

/// <summary>
/// A file of native updates, one JSON object per line, optionally gzipped: the first two bytes decide, not the name. Lines are sent
/// unchanged. A line without an id gets one from its position in the file, the same each time, so that a retry is harmless.
/// </summary>
internal sealed class UpdateFile(string path)
{
    private static readonly string[] Endings = [".gz", ".ndjson", ".jsonl", ".json"];

    public string Path => path;

    /// <summary>The file's name without folder and extensions: phone-01 for a/phone-01.ndjson.gz.</summary>
    public string Source { get; } = NameOf(path);

    public static IReadOnlyList<UpdateFile> OpenAll(IReadOnlyList<string> paths)
    {
        var files = paths.Select(each => new UpdateFile(each)).ToArray();
        if (files.FirstOrDefault(file => !File.Exists(file.Path)) is { } missing)
        {
            throw new CommandFailedException($"{missing.Path} does not exist");
        }

        if (files.GroupBy(file => file.Source).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            throw new CommandFailedException($"two files are named {twice.Key}: each becomes a device of its own name");
        }

        return files;
    }

    public IEnumerable<UpdateLine> Read()
    {
        using var file = OpenUnpacked();
        using var reader = new StreamReader(file, new UTF8Encoding(false), detectEncodingFromByteOrderMarks: true, 1 << 16);
        for (var number = 1; Next(reader) is { } line; number++)
        {
            if (!string.IsNullOrWhiteSpace(line))
            {
                yield return Parse(line.Trim(), number);
            }
        }
    }

    private string? Next(StreamReader reader)
    {
        try
        {
            return reader.ReadLine();
        }
        catch (Exception failure) when (failure is IOException or InvalidDataException)
        {
            throw new CommandFailedException($"{path} cannot be read to its end: {failure.Message}");
        }
    }

    private Stream OpenUnpacked()
    {
        try
        {
            var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, FileOptions.SequentialScan);
            var magic = new byte[2];
            var gzipped = file.ReadAtLeast(magic, 2, throwOnEndOfStream: false) == 2 && magic is [0x1f, 0x8b];
            file.Position = 0;
            return gzipped ? new GZipStream(file, CompressionMode.Decompress) : file;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailedException($"{path} cannot be read: {failure.Message}");
        }
    }

    private UpdateLine Parse(string line, int number)
    {
        var where = $"{Source}:{number}";
        try
        {
            using var document = JsonDocument.Parse(line);
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object)
            {
                return new UpdateLine(null, null, $"{where}: not a JSON object");
            }

            DateTimeOffset? at =
                root.TryGetProperty("at", out var time)
                && time.ValueKind == JsonValueKind.String
                && time.TryGetDateTimeOffset(out var known)
                    ? known
                    : null;
            if (root.TryGetProperty("id", out var id))
            {
                return id.ValueKind == JsonValueKind.String
                    ? new UpdateLine(new OutgoingUpdate(id.GetString()!, Encoding.UTF8.GetBytes(line), where), at, null)
                    : new UpdateLine(null, at, $"{where}: id is not a string");
            }

            var made = where.Length <= 64 ? where : where[^64..];
            var rest = line[1..].TrimStart();
            var withId = $"{{\"id\":{JsonSerializer.Serialize(made, HubJson.Default.String)}{(rest[0] == '}' ? "" : ",")}{rest}";
            return new UpdateLine(new OutgoingUpdate(made, Encoding.UTF8.GetBytes(withId), where), at, null);
        }
        catch (JsonException failure)
        {
            return new UpdateLine(null, null, $"{where}: not JSON: {failure.Message}");
        }
    }

    private static string NameOf(string path)
    {
        var name = System.IO.Path.GetFileName(path);
        foreach (var ending in Endings)
        {
            if (name.Length > ending.Length && name.EndsWith(ending, StringComparison.OrdinalIgnoreCase))
            {
                name = name[..^ending.Length];
            }
        }

        return name;
    }
}
