namespace ActivityHub.TestKit;

/// <summary>The answer to <c>POST /api/accounts</c>.</summary>
internal sealed record AccountCreated(string Id, string Token);
