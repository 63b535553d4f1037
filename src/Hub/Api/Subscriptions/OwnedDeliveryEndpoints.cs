using System.Globalization;
using ActivityHub.Hub.Api.Feeds;
using ActivityHub.Ledger;
using ActivityHub.Ledger.Grants;
using ActivityHub.Ledger.Storage;
using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Web;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace ActivityHub.Hub.Api.Subscriptions;

/// <summary>The owner's routes for failed deliveries: send again, try now, list parked updates.</summary>
internal static class OwnedDeliveryEndpoints
{
    public static void MapOwnedDeliveries(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/subscriptions/{subscription}/replay", Replay).Accepts<ReplayBody>("application/json").ProducesProblem(409)
            .WithSummary("Send a subscription's updates again, from one on.");
        routes.MapPost("/subscriptions/{subscription}/resume", Resume).ProducesProblem(409)
            .WithSummary("Try a failing subscription now, and forget its failures.");
        routes.MapGet("/subscriptions/{subscription}/parked", Parked)
            .WithSummary("List the updates that a callback refuses while it accepts others.");
        routes.MapPost("/subscriptions/{subscription}/redeliver", RedeliverAll).ProducesProblem(409)
            .WithSummary("Send all parked updates once more.");
        routes.MapPost("/subscriptions/{subscription}/parked/{seq}/redeliver", RedeliverOne).ProducesProblem(409)
            .WithSummary("Send a parked update once more.");
        routes.MapDelete("/subscriptions/{subscription}/parked/{seq}", Drop).WithSummary("Give a parked update up.");
    }

    private static async Task<Results<Accepted<SubscriptionResponse>, Problem>> Replay(
        string subscription, Owner owner, HttpRequest request, CommandDependencies dependencies, ReaderPlaces places,
        CancellationToken cancellationToken)
    {
        var (body, refusal) = await JsonBody.ReadAsync(request, cancellationToken);
        if (body is null)
        {
            return refusal!;
        }

        var asked = body.Seq("from");
        if (body.Refusal() is { } faults)
        {
            return faults;
        }

        var from = asked!.Value.Seq;
        return await dependencies.AskAsync(
            owner,
            subscription,
            async (context, row) =>
            {
                var head = await context.FeedById(row.FeedId).Select(feed => feed.Head).FirstOrDefaultAsync(cancellationToken);
                if (asked.Value.Generation is { } generation)
                {
                    // What the log has instead of that update begins where the two logs part.
                    from = (await places.FindAsync(row.FeedId, head, new Position(from - 1, generation), cancellationToken)).After + 1;
                }

                return from > head + 1
                    ? Problem.Invalid("from", string.Create(
                        CultureInfo.InvariantCulture,
                        $"from is {from}, and the newest update of the feed is {head}; send a seq from 1 to {head + 1}."))
                    : null;
            },
            (commands, row) => commands.ReplayAsync(row, from, cancellationToken),
            cancellationToken);
    }

    private static Task<Results<Accepted<SubscriptionResponse>, Problem>> Resume(
        string subscription, Owner owner, CommandDependencies dependencies, CancellationToken cancellationToken) =>
        dependencies.AskAsync(
            owner, subscription, null, (commands, row) => commands.ResumeAsync(row, cancellationToken), cancellationToken);

    private static Task<Results<Accepted<SubscriptionResponse>, Problem>> RedeliverAll(
        string subscription, Owner owner, CommandDependencies dependencies, CancellationToken cancellationToken) =>
        dependencies.AskAsync(
            owner, subscription, null, (commands, row) => commands.RedeliverAsync(row, null, cancellationToken), cancellationToken);

    private static Task<Results<Accepted<SubscriptionResponse>, Problem>> RedeliverOne(
        string subscription, string seq, Owner owner, CommandDependencies dependencies, CancellationToken cancellationToken) =>
        dependencies.AskAsync(
            owner, subscription, null, (commands, row) => commands.RedeliverAsync(row, SeqOf(seq), cancellationToken), cancellationToken);

    private static async Task<Results<NoContent, Problem>> Drop(
        string subscription, string seq, Owner owner, IDbContextFactory<LedgerContext> contexts, DeliveryCommands commands,
        CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.OwnSubscription(owner, subscription).AsNoTracking().FirstOrDefaultAsync(cancellationToken) is { } row &&
            await commands.DropAsync(row, SeqOf(seq), cancellationToken) == CommandOutcome.Taken
                ? TypedResults.NoContent()
                : Problem.NotYours();
    }

    private static async Task<Results<Ok<Page<ParkedResponse>>, Problem>> Parked(
        string subscription, Owner owner, HttpRequest request, IDbContextFactory<LedgerContext> contexts, IOptions<HubOptions> hub,
        CancellationToken cancellationToken)
    {
        if (!PageQuery.TryRead(request, $"{hub.Value.Base}/api/subscriptions/{subscription}/parked", out var page, out var faults))
        {
            return Problem.Invalid(faults);
        }

        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        if (await context.OwnSubscription(owner, subscription).AsNoTracking().FirstOrDefaultAsync(cancellationToken) is not { } row)
        {
            return Problem.NotYours();
        }

        var after = page.After.Id;
        var found = await context.ParkedOf(row).AsNoTracking().Where(parked => parked.Seq > after).OrderBy(parked => parked.Seq)
            .Take(page.Limit + 1).ToListAsync(cancellationToken);
        return TypedResults.Ok(page.Cut(found, parked => (DateTimeOffset.UnixEpoch, parked.Seq), ParkedResponse.Of));
    }

    // A text that is not a number names no parked update.
    private static long SeqOf(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seq) ? seq : -1;

    /// <summary>Finds the owner's subscription, checks that it is active, writes the command and returns the state.</summary>
    internal sealed class CommandDependencies(IDbContextFactory<LedgerContext> contexts, DeliveryCommands commands, TimeProvider time)
    {
        public async Task<Results<Accepted<SubscriptionResponse>, Problem>> AskAsync(
            Owner owner,
            string subscription,
            Func<LedgerContext, Subscription, Task<Problem?>>? check,
            Func<DeliveryCommands, Subscription, Task<CommandOutcome>> command,
            CancellationToken cancellationToken)
        {
            await using var context = await contexts.CreateDbContextAsync(cancellationToken);
            var own = context.OwnSubscription(owner, subscription).AsNoTracking();
            if (await own.FirstOrDefaultAsync(cancellationToken) is not { } row)
            {
                return Problem.NotYours();
            }

            if (SubscriptionWords.WhyNotServed(row, time.GetUtcNow()) is { } reason)
            {
                return Problem.Conflict(reason);
            }

            if (check is not null && await check(context, row) is { } problem)
            {
                return problem;
            }

            return await command(commands, row) switch
            {
                CommandOutcome.Taken => TypedResults.Accepted(
                    (string?)null, await context.DescribeAsync(row, time.GetUtcNow(), cancellationToken)),
                CommandOutcome.NotParked => Problem.NotYours(),
                _ => Problem.Conflict("This subscription has ended just now: nothing is delivered to it any more."),
            };
        }
    }

    /// <summary>From where to send again.</summary>
    /// <param name="From">The seq of the first update that is to be sent again; at most one past the newest.</param>
    private sealed record ReplayBody(long From);
}
