namespace ActivityHub.Phones.CommandLine;

/// <summary>Ends a verb before it starts its work; <see cref="Arguments.Faults"/> contains the reasons.</summary>
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
