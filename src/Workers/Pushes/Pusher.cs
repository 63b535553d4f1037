using ActivityHub.Ledger;
using ActivityHub.Ledger.Devices;
using ActivityHub.Ledger.Keys;
using ActivityHub.Ledger.Storage;
using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Workers.Lanes;
using ActivityHub.Workers.Outbound;
using ActivityHub.Workers.Settings;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace ActivityHub.Workers.Pushes;

/// <summary>
/// Pushes what waits to one endpoint, a message at a time and in order, and acts on the answers: taken, on to the next; gone, the endpoint
/// goes; anything else, it is tried again later, and given up where it is refused for good.
/// </summary>
internal sealed partial class Pusher(
    PushClaims claims, IDbContextFactory<LedgerContext> contexts, Outbox outbox, SecretBox secrets, PushPost post, CallbackClient client,
    HostBulkheads hosts, UnverifiedCallbackThrottle pace, IOptions<DeliveryOptions> options, TimeProvider time, ILogger<Pusher> logger)
{
    /// <summary>So many in one lease: the rest is claimed again, and others have their turn.</summary>
    private const int MostInLease = 5;

    // Refused as often in a row, it will be refused for ever: another key, or an address that is none.
    private const int MostRefusals = 3;
    private static readonly TimeSpan HostBusy = TimeSpan.FromSeconds(1);

    public async Task PushAsync(ClaimedPush claimed)
    {
        if (await FindAsync(claimed) is not { } endpoint)
        {
            return;
        }

        if (PushTarget.TryOpen(endpoint, secrets) is not { } target)
        {
            // The address was encrypted under another key ring and cannot be read any more.
            await claims.RemoveAsync(claimed);
            return;
        }

        var waiting = await outbox.WaitingAsync(claimed.FeedId, endpoint.PushedUpTo, MostInLease, CancellationToken.None);
        var (upTo, failures, status, isKnown) = (endpoint.PushedUpTo, endpoint.Failures, endpoint.LastStatus ?? 0, endpoint.IsKnown);
        foreach (var message in waiting)
        {
            var answer = await SendAsync(target, message, isKnown);
            if (answer.Outcome != AttemptOutcome.Accepted && !IsPassedOver(answer, failures))
            {
                await RefusedAsync(claimed, failures, upTo, answer);
                return;
            }

            if (answer.Outcome == AttemptOutcome.Accepted)
            {
                await outbox.NoteSentAsync(claimed.FeedId, [message.Id], MessageChannel.Push, CancellationToken.None);
                (isKnown, failures) = (true, 0);
            }

            (upTo, status) = (message.Id, answer.Status ?? 0);
        }

        await claims.ChangeAsync(claimed, async (row, isMore) => row.Pushed(upTo, status, await isMore(upTo), time.GetUtcNow()));
    }

    private async Task<CallbackResult> SendAsync(PushTarget target, Message message, bool isKnown)
    {
        // An address that a client named has not shown that it wants calls: until it accepts a push, it counts as an unverified callback.
        var host = CallbackHost.Of(new Uri(target.Endpoint));
        using var slot = await hosts.EnterAsync($"push {host}", Lane.Express, TimeSpan.Zero, CancellationToken.None);
        if (slot.Slot is null)
        {
            return NotSent(slot.OpenFor ?? HostBusy);
        }

        var unverified = isKnown ? null : new UnverifiedCallback(host);
        if (unverified is not null && !pace.TryAsk(unverified, out var wait))
        {
            return NotSent(wait);
        }

        var request = post.Of(target, message, time.GetUtcNow());
        unverified?.Attach(request);
        var answer = await client.PostAsync(request, CancellationToken.None);
        slot.Slot.Told(answer.Outcome);
        if (unverified is not null && answer.Outcome == AttemptOutcome.Accepted)
        {
            pace.Confirmed(unverified);
        }

        return answer;
    }

    private async Task RefusedAsync(ClaimedPush claimed, int failures, long upTo, CallbackResult answer)
    {
        var name = OpaqueId.Format(claimed.Id);
        if (answer is { Outcome: AttemptOutcome.Throttled, Status: null })
        {
            // No request was sent: this does not count as a try.
            var dueAt = time.GetUtcNow() + (answer.RetryAfter ?? HostBusy);
            await claims.ChangeAsync(claimed, (row, _) =>
            {
                row.Reach(upTo, failures);
                row.Release(dueAt);
                return Task.CompletedTask;
            });
            return;
        }

        if (answer.Status is 404 or 410 || (IsForGood(answer) && failures + 1 >= MostRefusals))
        {
            await claims.RemoveAsync(claimed);
            Log.Gone(logger, name, answer.Status, answer.Error ?? "");
            return;
        }

        var again = time.GetUtcNow() + BackoffSchedule.After(failures + 1, answer.RetryAfter, options.Value, Random.Shared.NextDouble());
        await claims.ChangeAsync(claimed, (row, _) =>
        {
            row.Reach(upTo, failures);
            row.Fail(answer.Status, again);
            return Task.CompletedTask;
        });
        Log.Later(logger, name, answer.Error ?? "");
    }

    // A message that the push service finds too large does not block the messages behind it; the phone finds it in its inbox.
    private static bool IsPassedOver(CallbackResult answer, int failures) =>
        answer.Outcome == AttemptOutcome.TooLarge && failures + 1 >= MostRefusals;

    private static bool IsForGood(CallbackResult answer) =>
        answer.Outcome == AttemptOutcome.Forbidden || answer.Status is (>= 300 and < 500) and not (408 or 413 or 425 or 429);

    private static CallbackResult NotSent(TimeSpan wait) => new(AttemptOutcome.Throttled, null, TimeSpan.Zero, wait, null, null);

    private async Task<PushEndpoint?> FindAsync(ClaimedPush claimed)
    {
        await using var context = await contexts.CreateDbContextAsync(CancellationToken.None);
        return await PushClaims.Mine(context, claimed).AsNoTracking().FirstOrDefaultAsync(CancellationToken.None);
    }

    // Its address is a capability, and is not logged.
    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Push endpoint {Endpoint} was removed (status {Status}): {Reason}")]
        public static partial void Gone(ILogger logger, string endpoint, short? status, string reason);

        [LoggerMessage(2, LogLevel.Information, "Push endpoint {Endpoint} is tried again later: {Reason}")]
        public static partial void Later(ILogger logger, string endpoint, string reason);
    }
}
