using System.Net;
using ActivityHub.Hub.Api.Accounts;
using ActivityHub.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace ActivityHub.Hub.Tests;

public sealed class ExportLimitsTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory, BothDatabases]
    public async Task An_account_writes_one_export_at_a_time_and_the_process_two(Database database)
    {
        await using var hub = await HubApp.StartAsync(database, options => options.Settings["Roles"] = "hub");
        var owner = await hub.SignUpAsync();
        var seats = hub.Services.GetRequiredService<ExportSeats>();
        var id = Ledger.OpaqueId.TryParse(owner.Id, out var parsed) ? parsed : throw new InvalidOperationException(owner.Id);
        (await AskAsync()).ShouldBe(HttpStatusCode.OK);
        // What has ended has left its seat.
        (await AskAsync()).ShouldBe(HttpStatusCode.OK);

        seats.TryTake(id, out _).ShouldBeTrue();
        (await AskAsync()).ShouldBe(HttpStatusCode.TooManyRequests);
        seats.GiveBack(id);
        seats.TryTake(1, out _).ShouldBeTrue();
        (await AskAsync()).ShouldBe(HttpStatusCode.OK);
        seats.TryTake(2, out _).ShouldBeTrue();
        (await AskAsync()).ShouldBe(HttpStatusCode.ServiceUnavailable);
        seats.GiveBack(1);
        (await AskAsync()).ShouldBe(HttpStatusCode.OK);

        async Task<HttpStatusCode> AskAsync()
        {
            using var answer = await owner.Http.GetAsync("/api/account/export", Cancel);
            (answer.Headers.RetryAfter is not null).ShouldBe(answer.StatusCode != HttpStatusCode.OK);
            return answer.StatusCode;
        }
    }
}
