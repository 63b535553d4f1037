namespace ActivityHub.TestKit;

/// <summary>The answer to posted updates: <c>seq</c> and <c>id</c> for one update, counts for several.</summary>
public sealed record Posted(long? Seq, string? Id, int? Accepted, int? Duplicates, long? LastSeq);
