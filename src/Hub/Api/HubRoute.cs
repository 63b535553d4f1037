namespace ActivityHub.Hub.Api;

/// <summary>Marks a route of this role; other roles of the same process look after their own.</summary>
internal sealed record HubRoute;
