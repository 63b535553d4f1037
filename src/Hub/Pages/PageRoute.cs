namespace ActivityHub.Hub.Pages;

/// <summary>Marks a page for a browser: its forms carry a token, and the tests look at its headers.</summary>
internal sealed record PageRoute;
