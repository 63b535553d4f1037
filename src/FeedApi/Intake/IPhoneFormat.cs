using System.Text;
using ActivityHub.Ledger.Devices;
using ActivityHub.Web;

namespace ActivityHub.FeedApi.Intake;

/// <summary>How one app, or a family of apps, speaks: what it sends, and what it has to hear so that it neither loses its data nor sends it for ever.</summary>
internal interface IPhoneFormat
{
    /// <summary>As in the ingest address: <c>/i/{key}/{name}</c>.</summary>
    string Name { get; }

    /// <summary>Whether an answer can carry messages to the phone.</summary>
    bool CarriesMessages { get; }

    /// <summary>
    /// Whether the app knows no acknowledgement: then what an answer carried counts as acknowledged once the app's next message brings something new. A repeat
    /// says that the answer was lost.
    /// </summary>
    bool AcknowledgesBySendingOn => CarriesMessages;

    /// <summary>
    /// Which of the messages that wait its answer would carry: the others stay, for another way or a later answer. What is taken for said and was left out would
    /// count as acknowledged.
    /// </summary>
    IReadOnlyList<Message> Carried(PhoneRequest request, PhoneReading reading, IReadOnlyList<Message> waiting) => waiting;

    /// <summary>Whether the app is told how many of its updates are new, and their numbers.</summary>
    bool ReportsNumbers => false;

    /// <summary>Whether the message looks like this format's.</summary>
    bool Recognises(PhoneRequest request);

    /// <summary>Reads it. Pure: the same message gives the same updates with the same ids, whenever and however often it comes.</summary>
    PhoneReading Read(PhoneRequest request);

    /// <summary>What the app hears once everything is on disk.</summary>
    PhoneResponse Answer(PhoneRequest request, Taken taken);

    /// <summary>Whether an app that calls itself so speaks it: then a message of which nothing can be seen is answered in its form.</summary>
    bool IsOf(string app) => false;

    /// <summary>What the app hears of a message that is more than is taken at once: 413, and the reason where the app shows one. Nothing of it was stored.</summary>
    PhoneResponse TooLarge(string reason) => new(
        StatusCodes.Status413PayloadTooLarge, "application/problem+json",
        ProblemTypes.TooLarge.With(reason).Render());
}

/// <summary>What became of a message.</summary>
/// <param name="Reading">What was in it.</param>
/// <param name="Seqs">The number of each update, in the reading's order; of a repeat, the first one's.</param>
/// <param name="Duplicates">How many were there already.</param>
/// <param name="Mail">Messages to the phone, oldest first; only for a format that carries mail.</param>
internal sealed record Taken(PhoneReading Reading, IReadOnlyList<long> Seqs, int Duplicates, IReadOnlyList<Message> Mail)
{
    /// <summary>How many are merged into the last stored place, as the owner wants it.</summary>
    public int Merged { get; init; }

    public int Accepted => Seqs.Count - Duplicates - Merged;
}

/// <summary>An answer: a status, of success unless the message is too large, and the body that the app expects.</summary>
internal sealed record PhoneResponse(int Status, string? ContentType, ReadOnlyMemory<byte> Body)
{
    public const string JsonType = "application/json; charset=utf-8";

    public static PhoneResponse Line(string text, int status) =>
        new(status, "text/plain; charset=utf-8", Encoding.UTF8.GetBytes(text + "\n"));

    public static PhoneResponse Json(ReadOnlyMemory<byte> body, int status = StatusCodes.Status200OK) => new(status, JsonType, body);
}
