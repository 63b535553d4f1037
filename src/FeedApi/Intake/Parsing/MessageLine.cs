using ActivityHub.Ledger.Devices;

namespace ActivityHub.FeedApi.Intake.Parsing;

/// <summary>A text or a link to the phone as one line, for apps that can show no more: who it is from, and what he says.</summary>
internal static class MessageLine
{
    public static string Of(Message message)
    {
        var parts = new[] { message.Text, message.Url }.Where(part => !string.IsNullOrWhiteSpace(part));
        return $"{message.Sender}: {string.Join(' ', parts)}".ReplaceLineEndings(" ");
    }
}
