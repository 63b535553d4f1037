using System.Net;
using System.Text;

namespace ActivityHub.Phones.Http;

/// <summary>The result of a request, after all its tries.</summary>
/// <param name="Status">The status; null if no try was answered.</param>
/// <param name="Body">The body, at most 1 MiB.</param>
/// <param name="Tries">The number of tries.</param>
/// <param name="Failure">Why there is no status; null if there is one.</param>
internal sealed record Answer(HttpStatusCode? Status, byte[] Body, int Tries, string? Failure)
{
    public bool Succeeded => Status is { } status && (int)status is >= 200 and < 300;

    public string Text => Encoding.UTF8.GetString(Body);

    /// <summary>Returns one readable line: the status and the first faults of the problem document, or the failure.</summary>
    public string Describe() => Status is { } status ? $"{(int)status} {Problem.Parse(Body).Describe()}".TrimEnd() : Failure ?? "no answer";
}
