namespace ActivityHub.Hub.Accounts;

/// <summary>The addresses of visitors at <c>/try</c>.</summary>
internal static class GuestAddress
{
    public const string Domain = "@guest.invalid";
}
