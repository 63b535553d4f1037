namespace ActivityHub.Phones.CommandLine;

/// <summary>Ends a verb before it has done anything; <see cref="Arguments.Faults"/> says why.</summary>
internal sealed class WrongArgumentsException : Exception
{
    public static void ThrowIfAny(Arguments arguments)
    {
        if (arguments.Faults.Count > 0)
        {
            throw new WrongArgumentsException();
        }
    }
}
