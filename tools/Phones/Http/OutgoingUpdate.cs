namespace ActivityHub.Phones.Http;

/// <summary>One update in the form in which it is sent to the hub.</summary>
/// <param name="Id">The phone's own id, which makes a repeated request harmless.</param>
/// <param name="Json">One JSON object in UTF-8, on one line.</param>
/// <param name="Source">The origin, for messages: a file and line, or a phone.</param>
internal sealed record OutgoingUpdate(string Id, ReadOnlyMemory<byte> Json, string Source);
