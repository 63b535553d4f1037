namespace ActivityHub.Hub.Routes;

/// <summary>Marks a route of this role; other roles of the same process look after their own.</summary>
/// <param name="CountsItself">True where it has limits of its own.</param>
internal sealed record HubRoute(bool CountsItself = false);
