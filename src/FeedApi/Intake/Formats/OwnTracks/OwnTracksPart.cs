using ActivityHub.Ledger.Updates;

namespace ActivityHub.FeedApi.Intake.Formats.OwnTracks;

/// <summary>One message of a request, and the reading that receives its contents.</summary>
/// <param name="Reading">The reading of the request.</param>
/// <param name="Body">The message as it was sent, which is stored where it cannot be read.</param>
internal readonly record struct OwnTracksPart(PhoneReading Reading, ReadOnlyMemory<byte> Body)
{
    public void Add(NewUpdate? update)
    {
        if (update is not null)
        {
            Reading.Add(update);
        }
    }

    public void Reject(string reason) => Reading.Reject(Body, reason);

    /// <summary>Records facts about the sender that the response needs.</summary>
    public void Hear(Func<OwnTracksHeard, OwnTracksHeard> more) =>
        Reading.ForAnswer = more(Reading.ForAnswer as OwnTracksHeard ?? OwnTracksHeard.Plain);
}

/// <summary>The facts about the sender that determine the form of the response.</summary>
/// <param name="IsOverland">Whether the sender is Overland, which does not accept an array as a response.</param>
/// <param name="Cipher">The cipher of the request, by which the response is encrypted as well; null where the request was not
/// encrypted.</param>
internal sealed record OwnTracksHeard(bool IsOverland, OwnTracksCipher? Cipher)
{
    public static OwnTracksHeard Plain { get; } = new(false, null);
}
