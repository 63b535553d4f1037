using System.Text;

namespace ActivityHub.FeedApi.Phones.Traccar;

/// <summary>Nothing; or what waits for the phone, a line each: a command as its word, a text as it is.</summary>
internal static class TraccarAnswer
{
    public static PhoneAnswer Of(Taken taken)
    {
        if (taken.Mail.Count == 0)
        {
            return new PhoneAnswer(StatusCodes.Status200OK, null, default);
        }

        var lines = taken.Mail.Select(message => message.Command ?? string.Join(' ', new[] { message.Text, message.Url }.Where(part => !string.IsNullOrEmpty(part))));
        return new PhoneAnswer(StatusCodes.Status200OK, "text/plain; charset=utf-8", Encoding.UTF8.GetBytes(string.Join('\n', lines)));
    }
}
