namespace ActivityHub.FeedApi.Web;

/// <summary>Every fault of a request: the first hundred by name, all of them by count.</summary>
internal sealed class FaultList
{
    public const int MaxNamed = 100;

    private readonly List<Fault> _named = [];

    public IReadOnlyList<Fault> Named => _named;

    public int Count { get; private set; }

    public void Add(int? index, string path, string detail)
    {
        Count++;
        if (_named.Count < MaxNamed)
        {
            _named.Add(new Fault(index, path, detail));
        }
    }
}
