using ActivityHub.Phones.Replay;

namespace ActivityHub.Phones.Checking;

/// <summary>The ids of a source, in its order. A repeated id counts once, because the hub stores it once.</summary>
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

    /// <returns>The index of the id; -1 if the source does not contain it.</returns>
    public int IndexOf(string? id) => id is not null && _indexes.TryGetValue(id, out var index) ? index : -1;
}
