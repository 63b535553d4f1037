namespace ActivityHub.Web;

/// <summary>Every fault of a request: the first hundred by name, all of them by count.</summary>
public sealed class FaultList
{
    public const int MaxNamed = 100;

    private readonly List<Fault> _named = [];

    public IReadOnlyList<Fault> Named => _named;

    public int Count { get; private set; }

    public static FaultList Of(IEnumerable<Fault> faults)
    {
        var list = new FaultList();
        foreach (var (index, path, detail) in faults)
        {
            list.Add(index, path, detail);
        }

        return list;
    }

    public void Add(int? index, string path, string detail)
    {
        Count++;
        if (_named.Count < MaxNamed)
        {
            _named.Add(new Fault(index, path, detail));
        }
    }
}
