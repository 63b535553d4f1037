namespace ActivityHub.Phones.Http;

/// <summary>One fault in the request.</summary>
/// <param name="Index">The index of the update in the batch, from 0; null if the fault is about the whole request.</param>
internal sealed record ProblemFault(int? Index, string Path, string Detail)
{
    public string Describe() => $"{(Index is { } index ? $"[{index}] " : "")}{(Path.Length > 0 ? Path + ": " : "")}{Detail}";
}
