using ActivityHub.Phones.CommandLine;

namespace ActivityHub.Phones.Listening;

/// <summary>Prints each delivered update on one line, with the time since the hub received it.</summary>
internal sealed class DeliveryPrinter(CommandContext context)
{
    private int _wrong;

    /// <summary>The number of deliveries dropped because their signature was wrong or missing.</summary>
    public int Wrong => Volatile.Read(ref _wrong);

    public void Print(Delivery delivery)
    {
        if (delivery.Signature is SignatureVerdict.Wrong or SignatureVerdict.Missing)
        {
            Interlocked.Increment(ref _wrong);
            context.Say(
                $"{Clock(delivery)} dropped a delivery of {delivery.Body.Length} bytes: "
                    + $"its signature is {delivery.Signature.ToString().ToLowerInvariant()}"
            );
            return;
        }

        if (FeedDocument.Parse(delivery.ContentType, delivery.Body, out var fault) is not { } document)
        {
            context.Say($"{Clock(delivery)} {fault}");
            return;
        }

        foreach (var update in document.Updates.OrderBy(update => update.Seq ?? 0).ThenBy(update => update.Received))
        {
            context.Say($"{Clock(delivery)} {Describe(update, delivery)}");
        }
    }

    private static string Describe(ReceivedUpdate update, Delivery delivery)
    {
        var delay = update.Received is { } received ? $"{(delivery.ArrivedAt - received).TotalMilliseconds,6:0} ms" : "     - ms";
        return $"{delay}  {"#" + (update.Position ?? "?"),-7} {update.Kind ?? "?",-9} {Printable(update.Title)}";
    }

    // A title is untrusted text: its control characters must not reach the terminal.
    private static string Printable(string? title) => string.Concat((title ?? "").Select(letter => char.IsControl(letter) ? ' ' : letter));

    private static string Clock(Delivery delivery) => delivery.ArrivedAt.ToLocalTime().ToString("HH:mm:ss.fff");
}
