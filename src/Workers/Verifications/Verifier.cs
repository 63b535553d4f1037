using System.Diagnostics;
using ActivityHub.Ledger;
using ActivityHub.Ledger.Keys;
using ActivityHub.Ledger.Storage;
using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Workers.Lanes;
using ActivityHub.Workers.Outbound;
using ActivityHub.Workers.Settings;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace ActivityHub.Workers.Verifications;

/// <summary>
/// Verifies one request with its callback and acts on the answer: an echoed challenge applies the request, a refusal ends it, and no answer
/// repeats it.
/// </summary>
internal sealed partial class Verifier(
    IDbContextFactory<LedgerContext> contexts, LedgerWriter writer, LedgerSignals signals, SecretBox secrets, CallbackClient client,
    HostBulkheads hosts, UnverifiedCallbackThrottle pace, RefusalLog refusals, VerificationMetrics metrics, WebhookTest webhooks,
    IOptions<DeliveryOptions> options, TimeProvider time, ILogger<Verifier> logger)
{
    private const int DenialTries = 3;
    private static readonly TimeSpan HostBusy = TimeSpan.FromSeconds(1);

    public async Task VerifyAsync(long feedId, long id, long leaseId)
    {
        if (await FindAsync(feedId, id, leaseId) is not ({ } verification, var known))
        {
            return;
        }

        if (verification.Tries > options.Value.VerificationTries * 10)
        {
            // The verification failed several times in an unforeseen way.
            await DropAsync(
                verification, new RequestOutcome(RequestState.GivenUp, "The hub could not ask the callback, however often it tried."));
            return;
        }

        // One host does not get all the places, however many requests and ports name it; nor those of its deliveries.
        var host = CallbackHost.Of(new Uri(verification.Callback));
        using var slot = await hosts.EnterAsync($"verify {host}", Lane.CatchUp, TimeSpan.Zero, CancellationToken.None);
        if (slot.Slot is null)
        {
            await LaterAsync(verification, HostBusy);
            return;
        }

        var topic = secrets.TryOpen(verification.Topic);
        var token = verification.VerifyToken is null ? null : secrets.TryOpen(verification.VerifyToken);
        if (topic is null)
        {
            // The request was stored under another key ring: its contents cannot be decrypted any more.
            await DropAsync(verification, RequestOutcome.Unreadable);
            return;
        }

        // A callback that has confirmed before is called without a limit of this kind.
        var unverified = known ? null : new UnverifiedCallback(host);
        if (unverified is not null && !pace.TryAsk(unverified, out var wait))
        {
            await LaterAsync(verification, wait);
            return;
        }

        var challenge = ChallengeRequest.NewChallenge();
        // The lease counts from the GET that states it (WebSub §5.3).
        var askedAt = time.GetUtcNow();
        using var span = WorkerSpans.Source.StartActivity("verify", ActivityKind.Client);
        span?.SetTag("hub.verification", OpaqueId.Format(verification.Id));
        span?.SetTag("hub.mode", WorkerSpans.Spelled(verification.Mode));
        span?.SetTag("server.address", new Uri(verification.Callback).IdnHost);
        var answer = verification.Mode == VerificationMode.Webhook
            ? await webhooks.SendAsync(verification, unverified)
            : await client.GetAsync(
                ChallengeRequest.Of(verification.Callback, verification, topic, challenge, token), unverified, CancellationToken.None);
        if (answer is null)
        {
            await DropAsync(verification, RequestOutcome.Unreadable);
            return;
        }

        if (answer is { Outcome: AttemptOutcome.Throttled, Status: null })
        {
            await LaterAsync(verification, answer.RetryAfter ?? HostBusy);
            return;
        }

        var verdict = Judge(verification, answer, challenge);
        span?.SetTag("hub.verdict", WorkerSpans.Spelled(verdict));
        metrics.Asked(verification.Mode, WorkerSpans.Spelled(verdict));
        await ActAsync(verification, unverified, answer, verdict, challenge, askedAt);
    }

    private async Task ActAsync(
        Verification verification, UnverifiedCallback? unverified, CallbackResult answer, Verdict verdict, string challenge,
        DateTimeOffset askedAt)
    {
        var name = OpaqueId.Format(verification.Id);
        switch (verdict)
        {
            case Verdict.Confirmed:
                if (unverified is not null)
                {
                    pace.Confirmed(unverified);
                }

                var applied = await writer.WriteAsync(
                    async context =>
                    {
                        var applies = await ConfirmedRequest.ApplyAsync(
                            context, verification, answer.Status, secrets, askedAt, options.Value.OnTheWire, time.GetUtcNow());
                        if (applies && verification.Mode == VerificationMode.Webhook)
                        {
                            await webhooks.NoteAsync(context, verification, answer);
                        }

                        return applies;
                    },
                    CancellationToken.None);
                Log.Confirmed(logger, name, verification.Mode, applied);
                signals.Raise(new Signal(SignalKind.Subscriptions, verification.FeedId));
                break;
            case Verdict.Told:
                await DropAsync(verification, null);
                break;
            case Verdict.Refused:
                // H26: anything but a 2xx with the challenge is a failure; nothing of the request takes effect.
                var reason = ChallengeRequest.WhyNot(answer, challenge);
                await DropAsync(verification, RequestOutcome.Of(answer, reason, askedAt), SubscriptionState.Denied);
                Log.Refused(logger, name, verification.Mode, answer.Status, reason);
                refusals.Challenge(CallbackHost.Of(new Uri(verification.Callback)), WorkerSpans.Spelled(verification.Mode), reason);
                break;
            default:
                var dueAt = time.GetUtcNow()
                    + BackoffSchedule.After(verification.Tries, answer.RetryAfter, options.Value, Random.Shared.NextDouble());
                await AskAgainAsync(verification, dueAt, verification.Tries, (askedAt, answer));
                Log.AskAgain(logger, name, verification.Mode, answer.Error ?? "");
                break;
        }
    }

    private Verdict Judge(Verification verification, CallbackResult answer, string challenge)
    {
        var most = verification.Mode == VerificationMode.Denied ? DenialTries : options.Value.VerificationTries;
        // Down, overloaded or out of reach is no answer; 404 and its like are one.
        var down = answer.Outcome is AttemptOutcome.TimedOut or AttemptOutcome.Unreachable or AttemptOutcome.Throttled ||
            answer.Status is 408 or 425 or >= 500;
        if (down)
        {
            return verification.Tries < most ? Verdict.AskAgain : Verdict.Refused;
        }

        return verification.Mode == VerificationMode.Denied ? Verdict.Told
            : verification.Mode == VerificationMode.Webhook
                ? answer.Outcome == AttemptOutcome.Accepted ? Verdict.Confirmed : Verdict.Refused
            : answer.Outcome == AttemptOutcome.Accepted && answer.Body == challenge ? Verdict.Confirmed : Verdict.Refused;
    }

    // Known: the callback has confirmed this subscription once.
    private async Task<(Verification? Verification, bool Known)> FindAsync(long feedId, long id, long leaseId)
    {
        var bucket = OpaqueId.BucketOf(feedId);
        await using var context = await contexts.CreateDbContextAsync(CancellationToken.None);
        var found = await context.Verifications.AsNoTracking()
            .Where(row => row.Bucket == bucket && row.FeedId == feedId && row.Id == id && row.LeaseId == leaseId)
            .Select(row => new
            {
                Row = row,
                Known = context.Set<Subscription>().Any(
                    other =>
                        other.Bucket == bucket && other.FeedId == feedId && other.Identity == row.Identity &&
                            other.ConfirmedAt > DateTimeOffset.UnixEpoch),
            })
            .FirstOrDefaultAsync(CancellationToken.None);
        return (found?.Row, found?.Known is true);
    }

    // No GET was sent: this does not count as a try.
    private Task LaterAsync(Verification verification, TimeSpan wait) =>
        AskAgainAsync(verification, time.GetUtcNow() + wait, verification.Tries - 1, null);

    // The request can no longer be verified, or need not be. A webhook that waits for it ends, unless its feed is gone.
    private Task DropAsync(Verification verification, RequestOutcome? outcome, SubscriptionState webhookEnds = SubscriptionState.Broken) =>
        verification.Mode == VerificationMode.Webhook && outcome is not null
            ? webhooks.RefuseAsync(verification, webhookEnds, outcome)
            : writer.WriteAsync(
                async context =>
                {
                    if (await Mine(context, verification).ExecuteDeleteAsync(CancellationToken.None) > 0 && outcome is not null)
                    {
                        await outcome.NoteAsync(context, verification, time.GetUtcNow());
                    }
                },
                CancellationToken.None);

    private Task AskAgainAsync(
        Verification verification, DateTimeOffset dueAt, int tries, (DateTimeOffset At, CallbackResult Answer)? asked) =>
        writer.WriteAsync(
            async context =>
            {
                var kept = await Mine(context, verification).ExecuteUpdateAsync(
                    set =>
                        set.SetProperty(row => row.DueAt, dueAt).SetProperty(row => row.Tries, tries)
                            .SetProperty(row => row.LeaseId, (long?)null)
                            .SetProperty(row => row.LeasedUntil, (DateTimeOffset?)null),
                    CancellationToken.None);
                if (kept > 0 && await context.RequestOfAsync(verification) is { } request)
                {
                    if (asked is var (at, answer))
                    {
                        request.Ask(at, answer.Status);
                    }

                    request.Wait(dueAt, asked?.Answer.Error ?? request.Reason);
                    await context.SaveChangesAsync(CancellationToken.None);
                }
            },
            CancellationToken.None);

    /// <summary>The request, if it is still there and under the same lease.</summary>
    public static IQueryable<Verification> Mine(LedgerContext context, Verification verification) => context.Verifications.Where(
        row =>
            row.Bucket == verification.Bucket && row.FeedId == verification.FeedId && row.Id == verification.Id &&
                row.LeaseId == verification.LeaseId);

    private enum Verdict
    {
        Confirmed,
        Told,
        Refused,
        AskAgain,
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Verification {Verification}: the callback confirmed {Mode}; applied: {Applied}")]
        public static partial void Confirmed(ILogger logger, string verification, VerificationMode mode, bool applied);

        [LoggerMessage(2, LogLevel.Information,
            "Verification {Verification}: the callback did not confirm {Mode} (status {Status}): {Reason}")]
        public static partial void Refused(ILogger logger, string verification, VerificationMode mode, short? status, string reason);

        [LoggerMessage(3, LogLevel.Information,
            "Verification {Verification}: the callback of {Mode} is down, it is asked again later: {Reason}")]
        public static partial void AskAgain(ILogger logger, string verification, VerificationMode mode, string reason);
    }
}
