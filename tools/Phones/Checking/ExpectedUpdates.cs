using ActivityHub.Phones.Replay;

namespace ActivityHub.Phones.Checking;

/// <summary>The ids that a source holds, in its order; one that the source repeats counts once, as the hub stores it once.</summary>
internal sealed class ExpectedUpdates
{
    private readonly Dictionary<string, int> _indexes = new(StringComparer.Ordinal);
    private readonly List<string> _ids = [];

    public ExpectedUpdates(IEnumerable<string> ids)
    {
        foreach (var id in ids)
        {
            if (_indexes.TryAdd(id, _ids.Count))
            {
                _ids.Add(id);
            }
        }
    }

    public int Count => _ids.Count;

    public string this[int index] => _ids[index];

    public static ExpectedUpdates From(UpdateFile file) =>
        new(file.Read().Where(line => line.Update is not null).Select(line => line.Update!.Id));

    /// <returns>-1 for an id that the source does not hold.</returns>
    public int IndexOf(string? id) => id is not null && _indexes.TryGetValue(id, out var index) ? index : -1;
}
