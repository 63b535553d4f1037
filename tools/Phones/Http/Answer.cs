using System.Net;
using System.Text;

namespace ActivityHub.Phones.Http;

/// <summary>What became of a request, after all its tries.</summary>
/// <param name="Status">Null when no try was answered.</param>
/// <param name="Body">At most 1 MiB.</param>
/// <param name="Tries">How many there were.</param>
/// <param name="Failure">Why there is no status; null when there is one.</param>
internal sealed record Answer(HttpStatusCode? Status, byte[] Body, int Tries, string? Failure)
{
    public bool Succeeded => Status is { } status && (int)status is >= 200 and < 300;

    public string Text => Encoding.UTF8.GetString(Body);

    /// <summary>One line for people: the status and the first faults that a problem document names, or the failure.</summary>
    public string Describe() => Status is { } status ? $"{(int)status} {Problem.Parse(Body).Describe()}".TrimEnd() : Failure ?? "no answer";
}
