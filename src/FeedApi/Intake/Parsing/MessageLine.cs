using ActivityHub.Ledger.Devices;

namespace ActivityHub.FeedApi.Intake.Parsing;

/// <summary>Writes a message to the phone as one line, for apps that can show no more: the sender and the text or link.</summary>
internal static class MessageLine
{
    public static string Of(Message message)
    {
        var parts = new[] { message.Text, message.Url }.Where(part => !string.IsNullOrWhiteSpace(part));
        return $"{message.Sender}: {string.Join(' ', parts)}".ReplaceLineEndings(" ");
    }
}
