using System.IO.Compression;
using System.Text;

namespace ActivityHub.Phones.Tests.Stubs;

/// <summary>A folder that goes away with the test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("phones-").FullName;

    public string Write(string name, string text, bool gzipped)
    {
        var path = System.IO.Path.Combine(Path, name);
        using var file = File.Create(path);
        using Stream target = gzipped ? new GZipStream(file, CompressionLevel.Fastest) : file;
        target.Write(Encoding.UTF8.GetBytes(text));
        return path;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
