namespace ActivityHub.Phones.Simulation;

/// <summary>
/// A stream of numbers that depends only on the seed (SplitMix64). <see cref="Random"/> does not guarantee the same numbers for the same
/// seed on every runtime.
/// </summary>
internal sealed class Dice(ulong seed)
{
    private ulong _state = seed;

    public ulong Next()
    {
        _state += 0x9E3779B97F4A7C15;
        var mixed = _state;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return mixed ^ (mixed >> 31);
    }

    /// <summary>Returns a number from 0 (inclusive) to 1 (exclusive).</summary>
    public double Share() => (Next() >> 11) * (1.0 / (1UL << 53));

    public double Between(double least, double most) => least + ((most - least) * Share());

    public int Below(int count) => (int)(Share() * count);

    public bool Happens(double probability) => Share() < probability;

    public T Pick<T>(IReadOnlyList<T> from) => from[Below(from.Count)];

    /// <summary>Creates a separate stream for one part, so that a change in one part does not affect the others.</summary>
    public Dice Fork() => new(Next());
}
