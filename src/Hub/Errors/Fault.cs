namespace ActivityHub.Hub.Errors;

/// <summary>One thing that is wrong with a request.</summary>
/// <param name="Path">The member, for example <c>rights[1]</c>; empty for the body as a whole.</param>
/// <param name="Detail">What was found, and what to send instead.</param>
internal sealed record Fault(string Path, string Detail);
