using System.Text.Json;
using System.Text.Json.Serialization;
using ActivityHub.Phones.CommandLine;
using ActivityHub.Phones.Http;

namespace ActivityHub.Phones.Replay;

/// <summary>The device of each file, stored in a file so that a later run, or another program, can continue with it.</summary>
/// <param name="Token">The owner's account token: a secret like the device keys, hence mode 600.</param>
internal sealed record DeviceMap(
    [property: JsonRequired] string Hub,
    string? Token,
    [property: JsonRequired] IReadOnlyList<MappedDevice> Devices
)
{
    public static DeviceMap Load(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            return JsonSerializer.Deserialize(file, HubJson.Default.DeviceMap)
                ?? throw new CommandFailedException($"{path} holds no devices");
        }
        catch (JsonException failure)
        {
            throw new CommandFailedException($"{path} is not a file that replay --out wrote: {failure.Message}");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailedException($"{path} cannot be read: {failure.Message}");
        }
    }

    /// <summary>Writes a temporary file and moves it into place; only its owner can read it, from the first byte on.</summary>
    public void Save(string path)
    {
        var beside = path + ".new";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        try
        {
            // A temporary file left by a crash may have another mode.
            File.Delete(beside);
            using (var file = new FileStream(beside, options))
            {
                JsonSerializer.Serialize(file, this, HubJson.Default.DeviceMap);
            }

            File.Move(beside, path, overwrite: true);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailedException($"{path} cannot be written: {failure.Message}");
        }
    }

    public MappedDevice? Find(string source) => Devices.FirstOrDefault(device => device.Source == source);
}
