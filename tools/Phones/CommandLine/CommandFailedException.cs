namespace ActivityHub.Phones.CommandLine;

/// <summary>The verb cannot go on; the message is for the person who typed it and holds no secret.</summary>
internal sealed class CommandFailedException : Exception
{
    public CommandFailedException(string message)
        : base(message) { }
}
