using ActivityHub.Hub.Limits;
using ActivityHub.Ledger;
using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Web;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;

namespace ActivityHub.Hub.Api.Subscriptions;

/// <summary>
/// The status link: only the callback gets it, so its key identifies the subscriber. The key is in the address and no cookie is read, so
/// that no foreign page can make a browser act in its owner's name.
/// </summary>
internal static class StatusEndpoints
{
    private static readonly TimeSpan LeastBetweenTries = TimeSpan.FromSeconds(10);

    public static void MapStatus(this IEndpointRouteBuilder routes)
    {
        var status = routes.MapGroup("/subscriptions/{subscription}").WithTags("Subscribers").ProducesProblem(404).SlowsGuessing();
        status.MapGet("", Show).WithSummary("The state of a subscription, for the holder of its status link.").Produces<StatusResponse>();
        status.MapPost("/redeliver", Redeliver).WithSummary("Send all parked updates once more, for the holder of the status link.")
            .Produces<StatusResponse>(202).ProducesProblem(409);
        status.MapPost("/resume", Resume).WithSummary("Try a failing subscription now, for the holder of its status link.")
            .Produces<StatusResponse>(202).ProducesProblem(409).ProducesProblem(429);
        routes.MapGroup("/hub/requests").WithTags("Subscribers").ProducesProblem(404).SlowsGuessing()
            .MapGet("/{request}", ShowRequest).Produces<RequestResponse>()
            .WithSummary("The result of a request to the hub, for the holder of the link in its 202.");
    }

    private static async Task<Results<Ok<RequestResponse>, ContentHttpResult, Problem>> ShowRequest(
        string request, string? key, HttpContext http, RequestLink link, CancellationToken cancellationToken)
    {
        SetHeaders(http.Response);
        if (await link.FindAsync(request, key, cancellationToken) is not { } row)
        {
            return NotFound(http);
        }

        var answer = RequestResponse.ForSender(row);
        return PrefersHtml(http.Request) ? RequestPage.Of(http.Response, answer) : TypedResults.Ok(answer);
    }

    private static async Task<Results<Ok<StatusResponse>, ContentHttpResult, Problem>> Show(
        string subscription, string? key, HttpContext http, StatusLink link, CancellationToken cancellationToken)
    {
        SetHeaders(http.Response);
        if (await link.FindAsync(subscription, key, cancellationToken) is not { } row)
        {
            return NotFound(http);
        }

        var answer = await link.DescribeAsync(row, cancellationToken);
        return PrefersHtml(http.Request) ? StatusPage.Of(http.Response, answer, key!) : TypedResults.Ok(answer);
    }

    private static async Task<IResult> Redeliver(
        string subscription, string? key, HttpContext http, StatusLink link, DeliveryCommands commands, CancellationToken cancellationToken)
    {
        SetHeaders(http.Response);
        if (await link.FindAsync(subscription, key, cancellationToken) is not { } row)
        {
            return NotFound(http);
        }

        return link.WhyNotServed(row) is { } reason
            ? Problem.Conflict(reason)
            : await AnswerAsync(http, link, row, key!, await commands.RedeliverAsync(row, null, cancellationToken), cancellationToken);
    }

    private static async Task<IResult> Resume(
        string subscription, string? key, HttpContext http, StatusLink link, DeliveryCommands commands, CancellationToken cancellationToken)
    {
        SetHeaders(http.Response);
        if (await link.FindAsync(subscription, key, cancellationToken) is not { } row)
        {
            return NotFound(http);
        }

        if (link.WhyNotServed(row) is { } reason)
        {
            return Problem.Conflict(reason);
        }

        // Counted in the rows, so that the limit applies to all processes together.
        if (await link.SinceLastTryAsync(row, cancellationToken) is { } since && since < LeastBetweenTries)
        {
            return Problem.TooMany(
                $"It was tried less than {LeastBetweenTries.TotalSeconds:0} seconds ago; wait a little before you ask again.",
                LeastBetweenTries - since);
        }

        return await AnswerAsync(http, link, row, key!, await commands.ResumeAsync(row, cancellationToken), cancellationToken);
    }

    // A browser goes back to the page, so that reloading it asks for nothing again.
    private static async Task<IResult> AnswerAsync(
        HttpContext http, StatusLink link, Subscription row, string key, CommandOutcome outcome, CancellationToken cancellationToken)
    {
        if (outcome != CommandOutcome.Taken)
        {
            return Problem.Conflict("This subscription has ended just now: nothing is delivered to it any more.");
        }

        if (PrefersHtml(http.Request))
        {
            http.Response.Headers.Location = $"../{OpaqueId.Format(row.Id)}?key={Uri.EscapeDataString(key)}";
            return TypedResults.StatusCode(StatusCodes.Status303SeeOther);
        }

        return TypedResults.Accepted((string?)null, await link.DescribeAsync(row, cancellationToken));
    }

    private static Problem NotFound(HttpContext http)
    {
        GuessedKeys.Note(http);
        return ProblemTypes.NotFound.With("There is nothing at this address.");
    }

    private static void SetHeaders(HttpResponse response)
    {
        response.Headers.CacheControl = "private, no-store";
        response.Headers["Referrer-Policy"] = "no-referrer";
        response.Headers.Vary = "Accept";
    }

    private static bool PrefersHtml(HttpRequest request)
    {
        if (!MediaTypeHeaderValue.TryParseList(request.Headers.Accept, out var types))
        {
            return false;
        }

        double QualityOf(string type) => types.Where(found => found.MediaType.Equals(type, StringComparison.OrdinalIgnoreCase))
            .Select(found => found.Quality ?? 1).DefaultIfEmpty(0).Max();
        return QualityOf("text/html") > QualityOf("application/json");
    }
}
