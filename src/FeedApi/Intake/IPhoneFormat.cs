using System.Text;
using ActivityHub.Ledger.Devices;
using ActivityHub.Web;

namespace ActivityHub.FeedApi.Intake;

/// <summary>
/// The protocol of one app, or of a family of apps: the messages that it sends, and the response that it needs to neither lose data nor
/// repeat it for ever.
/// </summary>
internal interface IPhoneFormat
{
    /// <summary>The name in the ingest address: <c>/i/{key}/{name}</c>.</summary>
    string Name { get; }

    /// <summary>Whether a response can carry messages to the phone.</summary>
    bool CarriesMessages { get; }

    /// <summary>
    /// Whether the app sends no acknowledgements. Then the messages in a response count as acknowledged when the app's next request
    /// contains something new. A repeat means that the response was lost.
    /// </summary>
    bool AcknowledgesBySendingOn => CarriesMessages;

    /// <summary>
    /// Returns the waiting messages that the response can carry; the others wait for another channel or a later response. A message that is
    /// counted as sent but left out of the response would count as acknowledged.
    /// </summary>
    IReadOnlyList<Message> Carried(PhoneRequest request, PhoneReading reading, IReadOnlyList<Message> waiting) => waiting;

    /// <summary>Whether the response reports the number of new updates and their sequence numbers.</summary>
    bool ReportsNumbers => false;

    /// <summary>Whether the message looks like one of this format.</summary>
    bool Recognises(PhoneRequest request);

    /// <summary>Reads the message. Pure: the same message always gives the same updates with the same ids.</summary>
    PhoneReading Read(PhoneRequest request);

    /// <summary>Returns the response to the app, after everything is on disk.</summary>
    PhoneResponse Answer(PhoneRequest request, Taken taken);

    /// <summary>
    /// Whether an app with this user agent uses the format: then an unreadable message gets a response in the app's form.
    /// </summary>
    bool IsOf(string app) => false;

    /// <summary>
    /// Returns the response to a message that is too large: 413, with the reason where the app shows one. Nothing of the message was
    /// stored.
    /// </summary>
    PhoneResponse TooLarge(string reason) => new(
        StatusCodes.Status413PayloadTooLarge, "application/problem+json",
        ProblemTypes.TooLarge.With(reason).Render());
}

/// <summary>The result of a message.</summary>
/// <param name="Reading">The contents of the message.</param>
/// <param name="Seqs">The sequence number of each update, in the reading's order; for a repeat, the number of the stored update.</param>
/// <param name="Duplicates">The number of updates that were already stored.</param>
/// <param name="Mail">Messages to the phone, oldest first; only for a format that carries messages.</param>
internal sealed record Taken(PhoneReading Reading, IReadOnlyList<long> Seqs, int Duplicates, IReadOnlyList<Message> Mail)
{
    /// <summary>The number of updates that were merged into the last stored place, as the owner has set it.</summary>
    public int Merged { get; init; }

    public int Accepted => Seqs.Count - Duplicates - Merged;
}

/// <summary>A response: a status, which is a success unless the message is too large, and the body that the app expects.</summary>
internal sealed record PhoneResponse(int Status, string? ContentType, ReadOnlyMemory<byte> Body)
{
    public const string JsonType = "application/json; charset=utf-8";

    public static PhoneResponse Line(string text, int status) =>
        new(status, "text/plain; charset=utf-8", Encoding.UTF8.GetBytes(text + "\n"));

    public static PhoneResponse Json(ReadOnlyMemory<byte> body, int status = StatusCodes.Status200OK) => new(status, JsonType, body);
}
