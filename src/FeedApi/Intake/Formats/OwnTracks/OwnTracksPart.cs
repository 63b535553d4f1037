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

    /// <summary>Remembers for the answer who is to read it.</summary>
    public void Hear(Func<OwnTracksHeard, OwnTracksHeard> more) =>
        Reading.ForAnswer = more(Reading.ForAnswer as OwnTracksHeard ?? OwnTracksHeard.Plain);
}

/// <summary>How the answer has to be.</summary>
/// <param name="IsOverland">It was Overland, which does not take an array for an answer.</param>
/// <param name="Cipher">With what the request was encrypted, and so the answer is; null = it was not.</param>
internal sealed record OwnTracksHeard(bool IsOverland, OwnTracksCipher? Cipher)
{
    public static OwnTracksHeard Plain { get; } = new(false, null);
}
