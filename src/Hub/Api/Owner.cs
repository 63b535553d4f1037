using System.Security.Claims;
using ActivityHub.Ledger;

namespace ActivityHub.Hub.Api;

/// <summary>Whose token the request carries; handlers ask for it by taking one as a parameter.</summary>
internal readonly record struct Owner(long AccountId)
{
    public static ValueTask<Owner> BindAsync(HttpContext context)
    {
        var name = context.User.FindFirstValue(ClaimTypes.NameIdentifier);
        return OpaqueId.TryParse(name, out var id)
            ? ValueTask.FromResult(new Owner(id))
            : throw new InvalidOperationException("The route asks for an owner, but lets in callers without a token.");
    }
}
