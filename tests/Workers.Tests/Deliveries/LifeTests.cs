using System.Net;
using ActivityHub.Ledger.Subscriptions;
using ActivityHub.TestKit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Time.Testing;
using Shouldly;
using Xunit;

namespace ActivityHub.Workers.Tests.Deliveries;

// docs/architecture.md, Rules of delivery, A subscription's life, and What always holds: leases, revocation, secrets.
public sealed class LifeTests(Hubs hubs)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    // WebSub §5.3.1: "Hubs MUST enforce lease expirations"; the lease is checked before each POST.
    [Theory, BothDatabases]
    public async Task A_lease_that_has_run_out_stops_deliveries_at_once(Database database)
    {
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var stage = await Stage.SetAsync(database, options => options.Time = clock);
        await using var host = await CallbackListener.StartAsync();
        var (idle, failing, other) = (host.At("/idle"), host.At("/failing"), host.At("/other"));
        failing.Answers(HttpStatusCode.InternalServerError);
        await stage.SubscribeAsync(idle, lease: 600);
        await stage.SubscribeAsync(failing, lease: 600);
        await stage.SubscribeAsync(other, lease: 86_400);
        await stage.PostAsync(1, 1);
        await other.WaitForAsync(1);
        await idle.WaitForAsync(1);
        // The clock stands still: the failing subscription's retry must be scheduled before the clock moves.
        await stage.UntilAsync(failing, one => one.LastStatus == 500);
        var tried = failing.Deliveries.Count;

        clock.Advance(TimeSpan.FromSeconds(601));
        await stage.PostAsync(2, 2);

        await stage.UntilAsync(idle, one => one.State == "expired");
        await stage.UntilAsync(failing, one => one.State == "expired");
        await other.WaitUntilAsync(all => all.HaveUpTo(2));
        idle.Deliveries.Count.ShouldBe(1);
        failing.Deliveries.Count.ShouldBeLessThanOrEqualTo(tried + 1);
        failing.Deliveries.ShouldAllBe(delivery => !delivery.Numbers().Contains(2));
    }

    // "Revocation … holds for whatever starts after the 2xx (for POSTs within 1 s)"; WebSub §5.2: the callback is informed.
    [Theory, BothDatabases]
    public async Task A_revoked_grant_ends_deliveries_within_a_second_and_the_callback_is_told_why(Database database)
    {
        await using var stage = await hubs.StageAsync(database);
        await using var host = await CallbackListener.StartAsync();
        var (revoked, other) = (host.At("/revoked"), host.At("/other"));
        var second = await stage.Owner.GrantAsync(stage.Phone.Feed);
        await stage.SubscribeAsync(revoked);
        await stage.SubscribeAsync(other, second.Urls.Atom);
        // A phone that never stops sending: before, during and after the revocation.
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var number = 0;
        var telling = Task.Run(
            async () =>
            {
                while (!enough.IsCancellationRequested)
                {
                    number++;
                    await stage.PostAsync(number, number);
                }
            },
            Cancel);
        await revoked.WaitForAsync(5);

        await stage.Owner.RevokeAsync(stage.Reader);
        var answered = TimeProvider.System.GetUtcNow();

        var denial = await revoked.WaitForAsync(request => request.Parameter("hub.mode") == "denied");
        denial.Parameter("hub.topic").ShouldBe(stage.Reader.Urls.Atom);
        denial.Parameter("hub.reason").ShouldBe("The owner ended this access.");
        denial.Parameter("hub.challenge").ShouldBeNull();
        await other.WaitUntilAsync(all => all.Any(request => request.IsDelivery && request.At > answered.AddSeconds(1.5)));
        await enough.CancelAsync();
        await telling;
        revoked.Deliveries.ShouldAllBe(delivery => delivery.At < answered.AddSeconds(1));
        (await stage.SeeAsync(revoked)).State.ShouldBe("denied");
        await other.WaitUntilAsync(all => all.HaveUpTo(number));
        other.Deliveries.Numbers().ShouldBe(Enumerable.Range(1, number));
    }

    // "Unsubscribing is verified too, and needs no valid reader key."
    [Theory, BothDatabases]
    public async Task An_unsubscribe_that_the_callback_confirms_ends_deliveries_even_under_load(Database database)
    {
        await using var stage = await hubs.StageAsync(database);
        await using var host = await CallbackListener.StartAsync();
        var (leaving, other) = (host.At("/leaving"), host.At("/other"));
        await stage.SubscribeAsync(leaving);
        await stage.SubscribeAsync(other);
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var number = 0;
        var telling = Task.Run(
            async () =>
            {
                while (!enough.IsCancellationRequested)
                {
                    number++;
                    await stage.PostAsync(number, number);
                }
            },
            Cancel);
        await leaving.WaitForAsync(5);

        await stage.Hub.UnsubscribeAsync(stage.Reader.Urls.Atom, leaving.Url);
        await stage.UntilAsync(leaving, one => one.State == "unsubscribed");
        var over = TimeProvider.System.GetUtcNow();

        await other.WaitUntilAsync(all => all.Any(request => request.IsDelivery && request.At > over.AddSeconds(1.5)));
        await enough.CancelAsync();
        await telling;
        leaving.Deliveries.ShouldAllBe(delivery => delivery.At < over.AddSeconds(1));
    }

    // "Nothing changes before the callback has echoed the challenge. … a renewal replaces secret, lease and options and keeps the cursor."
    [Theory, BothDatabases]
    public async Task A_renewals_secret_takes_effect_once_its_callback_has_echoed_and_not_before(Database database)
    {
        await using var stage = await hubs.StageAsync(database);
        await using var host = await CallbackListener.StartAsync();
        await stage.SubscribeAsync(host.Default, secret: "old");
        await stage.PostAsync(1, 1);
        await host.WaitForAsync(1);

        host.Verifies(HttpStatusCode.NotFound, CallbackReply.Echo);
        await stage.Hub.SubscribeAsync(stage.Reader.Urls.Atom, host.Url(), "forged");
        await host.WaitForVerificationAsync(2);
        await NobodyIsAskedAsync(stage);
        await stage.PostAsync(2, 2);
        await host.WaitForAsync(2);
        await stage.Hub.SubscribeAsync(stage.Reader.Urls.Atom, host.Url(), "new", signature: "sha512");
        await host.WaitForVerificationAsync(3);
        await NobodyIsAskedAsync(stage);
        await stage.PostAsync(3, 3);
        await host.WaitForAsync(3);

        var deliveries = host.Deliveries;
        deliveries.Numbers().ShouldBe([1, 2, 3]);
        deliveries[0].Header("X-Hub-Signature").ShouldBe(Signatures.Of("sha256", "old", deliveries[0].Body.Span));
        deliveries[1].Header("X-Hub-Signature").ShouldBe(Signatures.Of("sha256", "old", deliveries[1].Body.Span));
        deliveries[2].Header("X-Hub-Signature").ShouldBe(Signatures.Of("sha512", "new", deliveries[2].Body.Span));
        stage.Hub.Logs.Mention("forged").ShouldBeFalse();
    }

    // A renewal while a POST under the old terms hangs: the next POST uses the new secret, and the cursor is kept.
    [Theory, BothDatabases]
    public async Task A_renewal_holds_from_the_next_POST_of_a_busy_subscription(Database database)
    {
        await using var stage = await hubs.StageAsync(database);
        await using var host = await CallbackListener.StartAsync();
        var released = new TaskCompletionSource();
        host.Answers(CallbackReply.HangUntil(released.Task), HttpStatusCode.NoContent);
        await stage.SubscribeAsync(host.Default, secret: "old");
        await stage.PostAsync(1, 1);
        await host.WaitForAsync(1);

        await stage.Hub.SubscribeAsync(stage.Reader.Urls.Atom, host.Url(), "new");
        await host.WaitForVerificationAsync(2);
        await NobodyIsAskedAsync(stage);
        await stage.PostAsync(2, 2);
        released.SetResult();

        await host.WaitForAsync(2);
        host.Deliveries.Numbers().ShouldBe([1, 2]);
        host.Deliveries[1].Header("X-Hub-Signature").ShouldBe(Signatures.Of("sha256", "new", host.Deliveries[1].Body.Span));
    }

    // §5: "A secret that cannot be decrypted stops the subscription, never the signature."
    [Theory, BothDatabases]
    public async Task A_secret_that_cannot_be_decrypted_stops_the_subscription_and_nothing_is_sent_unsigned(Database database)
    {
        await using var stage = await Stage.SetAsync(database);
        await using var host = await CallbackListener.StartAsync();
        var (broken, other) = (host.At("/broken"), host.At("/other"));
        await stage.SubscribeAsync(broken, secret: "s");
        await stage.SubscribeAsync(other);
        await stage.WriteAsync(context => context.Subscriptions.Where(row => row.Secret != null)
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.Secret, new byte[] { 1, 2, 3, 4 }), Cancel));
        // The restart clears the decrypted secret from memory.
        await stage.Hub.RestartAsync();

        await stage.PostAsync(1, 1);

        await other.WaitForAsync(1);
        await stage.UntilAsync(broken, one => one.State == "broken");
        broken.Deliveries.ShouldBeEmpty();
    }

    // "After expiry a new subscribe starts now."
    [Theory, BothDatabases]
    public async Task Who_subscribes_again_after_the_end_starts_now(Database database)
    {
        await using var stage = await hubs.StageAsync(database);
        await using var host = await CallbackListener.StartAsync();
        var first = await stage.SubscribeAsync(host.Default);
        await stage.PostAsync(1, 1);
        await host.WaitForAsync(1);
        await stage.Hub.UnsubscribeAsync(stage.Reader.Urls.Atom, host.Url());
        await stage.UntilAsync(host.Default, one => one.State == "unsubscribed");
        await stage.PostAsync(2, 2);

        (await stage.SubscribeAsync(host.Default)).Id.ShouldBe(first.Id);
        await stage.PostAsync(3, 3);

        await host.WaitUntilAsync(all => all.HaveUpTo(3));
        host.Deliveries.Numbers().ShouldBe([1, 3]);
        host.Deliveries[^1].Header("Hub-Gap").ShouldBeNull();
    }

    private static Task NobodyIsAskedAsync(Stage stage) => Eventually.ShouldAsync(
        () => stage.ReadAsync(async context => !await context.Verifications.AnyAsync(row => row.FeedId == stage.FeedId, Cancel)));
}
