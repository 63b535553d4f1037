namespace ActivityHub.Phones.Http;

/// <summary>One fault in what was sent.</summary>
/// <param name="Index">Which update of the batch, from 0; null when it is about the whole.</param>
internal sealed record ProblemFault(int? Index, string Path, string Detail)
{
    public string Describe() => $"{(Index is { } index ? $"[{index}] " : "")}{(Path.Length > 0 ? Path + ": " : "")}{Detail}";
}
