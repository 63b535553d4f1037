namespace ActivityHub.Phones.Simulation;

/// <summary>Many phones that send updates in turn; the seed alone decides which phone and which update.</summary>
internal sealed class Fleet
{
    private readonly Dice _turn;

    public Fleet(int count, ulong seed)
    {
        _turn = new Dice(~seed);
        Phones = [.. Enumerable.Range(1, count).Select(number => new SimulatedPhone(number, seed))];
    }

    public IReadOnlyList<SimulatedPhone> Phones { get; }

    /// <returns>The index of the phone and its update.</returns>
    public (int Phone, PhoneUpdate Update) Tell(DateTimeOffset now)
    {
        var phone = _turn.Below(Phones.Count);
        return (phone, Phones[phone].Tell(now));
    }
}
