using ActivityHub.Ledger.Devices;
using ActivityHub.Ledger.Keys;
using ActivityHub.Ledger.Updates;
using ActivityHub.Web;

namespace ActivityHub.Hub.Api.Devices;

/// <summary>What an owner wants changed of a device: only what the body names.</summary>
internal sealed class DeviceChange
{
    private const int MaxKinds = 20;
    private const int MaxMetres = 10_000;
    private const int MaxMinutes = 24 * 60;
    private const int UsualMinutes = 10;

    // OwnTracks fills a passphrase up to the length of its cipher's key.
    private const int MaxPassphraseBytes = 32;

    private readonly List<Action<Device>> _changes = [];

    /// <summary>Whether what its apps send is read differently afterwards.</summary>
    public bool ChangesIntake { get; private set; }

    public static DeviceChange Read(JsonBody body, SecretBox secrets)
    {
        var change = new DeviceChange();
        if (body.Has("name") && body.Text("name", 1, Device.MaxNameLength, required: true) is { } name)
        {
            change._changes.Add(device => device.Rename(name));
        }

        change.ReadKinds(body);
        change.ReadThinning(body);
        if (body.Has("passphrase"))
        {
            var passphrase = body.OptionalSecret("passphrase", MaxPassphraseBytes);
            var kept = passphrase is null ? null : secrets.Seal(passphrase);
            change.AddIntake(device => device.Unlock(kept));
        }

        return change;
    }

    public void Apply(Device device) => _changes.ForEach(change => change(device));

    private void ReadKinds(JsonBody body)
    {
        if (body.Has("kinds"))
        {
            var kinds = body.Words("kinds", "an array of kinds, each 1 to 32 of a-z 0-9 . _ -", MaxKinds, word => Kind.IsValid(word));
            var taken = kinds is null ? null : string.Join(',', kinds.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));
            AddIntake(device => device.Take(taken));
        }
    }

    private void ReadThinning(JsonBody body)
    {
        var (hasMetres, hasMinutes) = (body.Has("thinMetres"), body.Has("thinMinutes"));
        var (metres, minutes) = (body.Number("thinMetres", 1, MaxMetres), body.Number("thinMinutes", 1, MaxMinutes));
        if (hasMetres || hasMinutes)
        {
            AddIntake(device =>
            {
                var within = hasMetres ? metres : device.ThinMetres;
                device.Thin(within, within is null ? null : (hasMinutes ? minutes : device.ThinMinutes) ?? UsualMinutes);
            });
        }
    }

    private void AddIntake(Action<Device> change)
    {
        _changes.Add(change);
        ChangesIntake = true;
    }
}
