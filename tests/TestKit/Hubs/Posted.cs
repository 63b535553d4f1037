namespace ActivityHub.TestKit;

/// <summary>The answer to posted updates: <c>seq</c> and <c>id</c> for one, the counts for many.</summary>
public sealed record Posted(long? Seq, string? Id, int? Accepted, int? Duplicates, long? LastSeq);
