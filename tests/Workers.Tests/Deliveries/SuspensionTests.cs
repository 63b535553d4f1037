using System.Net;
using ActivityHub.TestKit;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace ActivityHub.Workers.Tests.Deliveries;

// docs/architecture.md, Rules of delivery: after 5 days it is suspended: one try an hour …; the first success resumes it.
public sealed class SuspensionTests
{
    [Theory, BothDatabases]
    public async Task After_five_days_of_failure_it_is_tried_exactly_once_an_hour_and_the_first_success_resumes_it(Database database)
    {
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var stage = await Stage.SetAsync(database, options => options.Time = clock);
        await using var host = await CallbackListener.AnsweringAsync(HttpStatusCode.InternalServerError);
        await stage.SubscribeAsync(host.Default, lease: 30 * 24 * 3600);
        await stage.PostAsync(1, 1);
        await stage.UntilAsync(host.Default, one => one.NextAttempt > clock.GetUtcNow());

        clock.Leap(TimeSpan.FromDays(5));
        for (var hour = 1; hour <= 3; hour++)
        {
            var tried = clock.GetUtcNow();
            await host.WaitForAsync(1 + hour);
            await stage.UntilAsync(host.Default, one => (one.NextAttempt - tried.AddHours(1))?.Duration() < TimeSpan.FromMilliseconds(1));
            clock.Leap(TimeSpan.FromHours(1));
        }

        host.Answers(HttpStatusCode.NoContent);
        clock.Leap(TimeSpan.FromHours(1));
        await stage.UntilExpressAsync(host.Default, 1);
        var delivered = host.Deliveries.Count;
        host.Answers(HttpStatusCode.InternalServerError);
        await stage.PostAsync(2, 2);
        await host.WaitForAsync(delivered + 1);

        // A failure after a success counts as the first one again, so the next try is soon.
        await stage.UntilAsync(host.Default, one => one.NextAttempt < clock.GetUtcNow().AddMinutes(1));
    }
}
