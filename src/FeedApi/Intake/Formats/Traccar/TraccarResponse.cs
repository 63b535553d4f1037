using System.Text;
using ActivityHub.FeedApi.Intake.Parsing;

namespace ActivityHub.FeedApi.Intake.Formats.Traccar;

/// <summary>
/// Nothing; or what waits for the phone, a line each: a command as its word, a text after its sender's name, so that nobody who may only write texts can
/// write what a tracker takes for a command.
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
