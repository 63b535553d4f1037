namespace ActivityHub.Phones.CommandLine;

/// <summary>Thrown when the verb cannot continue; the message is for the user and contains no secret.</summary>
internal sealed class CommandFailedException : Exception
{
    public CommandFailedException(string message)
        : base(message) { }
}
