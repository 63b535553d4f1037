namespace ActivityHub.Phones.Simulation;

/// <summary>Many phones, of which one after the other tells something; the seed alone decides which and what.</summary>
internal sealed class Fleet
{
    private readonly Dice _turn;

    public Fleet(int count, ulong seed)
    {
        _turn = new Dice(~seed);
        Phones = [.. Enumerable.Range(1, count).Select(number => new SimulatedPhone(number, seed))];
    }

    public IReadOnlyList<SimulatedPhone> Phones { get; }

    /// <returns>The index of the phone whose turn it was, and what it told.</returns>
    public (int Phone, PhoneUpdate Update) Tell(DateTimeOffset now)
    {
        var phone = _turn.Below(Phones.Count);
        return (phone, Phones[phone].Tell(now));
    }
}
