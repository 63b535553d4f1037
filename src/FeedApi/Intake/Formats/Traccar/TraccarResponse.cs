using System.Text;
using ActivityHub.FeedApi.Intake.Parsing;

namespace ActivityHub.FeedApi.Intake.Formats.Traccar;

/// <summary>
/// Writes an empty body, or the waiting messages, one per line: a command as its word, a text after its sender's name. So a sender who may
/// only write texts cannot write a command.
/// </summary>
internal static class TraccarResponse
{
    public static PhoneResponse Of(Taken taken)
    {
        if (taken.Mail.Count == 0)
        {
            return new PhoneResponse(StatusCodes.Status200OK, null, default);
        }

        var lines = taken.Mail.Select(message => message.Command ?? MessageLine.Of(message));
        return new PhoneResponse(StatusCodes.Status200OK, "text/plain; charset=utf-8", Encoding.UTF8.GetBytes(string.Join('\n', lines)));
    }
}
