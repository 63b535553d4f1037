using System.Net;
using ActivityHub.Ledger.Storage;
using ActivityHub.TestKit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Shouldly;
using Xunit;
using static ActivityHub.Conformance.Http;

namespace ActivityHub.Conformance.Owners;

/// <summary>
/// An internal error of the hub, here a row that the database refuses: the answer reveals no details, and the operator finds the error in
/// the log.
/// </summary>
public sealed class HubFaultTests
{
    [Fact]
    public async Task A_fault_is_a_500_that_the_log_explains_under_its_traceId()
    {
        await using var hub = await HubApp.StartAsync(Database.Sqlite, SharedHubs.Impatient);
        var scene = await Scene.SetAsync(hub);
        await RunAsync(hub, "CREATE TRIGGER refuse BEFORE INSERT ON grants BEGIN SELECT RAISE(ABORT, 'refused by a test'); END");

        using var answer = await scene.Owner.Http.PostJsonAsync($"/api/feeds/{scene.Feed}/grants", """{"name":"Ana"}""");

        var problem = await answer.ProblemAsync(HttpStatusCode.InternalServerError);
        problem.GetProperty("type").GetString().ShouldBe("urn:activity-hub:problem:internal");
        problem.GetRawText().ShouldNotContain("refused by a test");
        var line = hub.Logs.AtLeast(LogLevel.Error).ShouldHaveSingleItem();
        line.Message.ShouldContain(problem.GetProperty("traceId").GetString()!);
        line.Message.ShouldContain("/api/feeds/{feed}/grants");
        line.Exception!.ToString().ShouldContain("refused by a test");
    }

    [Fact]
    public async Task What_is_stored_is_acknowledged_although_its_messages_cannot_be_written()
    {
        await using var hub = await HubApp.StartAsync(Database.Sqlite, SharedHubs.Impatient);
        var scene = await Scene.SetAsync(hub);
        using (var sent = await scene.Owner.Http.PostJsonAsync($"/api/feeds/{scene.Feed}/messages", """{"text":"Dinner"}"""))
        {
            sent.StatusCode.ShouldBe(HttpStatusCode.Created);
        }

        await RunAsync(hub, "CREATE TRIGGER refuse BEFORE UPDATE ON messages BEGIN SELECT RAISE(ABORT, 'refused by a test'); END");

        using var posted = await hub.HttpAs(scene.Phone.Key).PostJsonAsync($"/feeds/{scene.Feed}/updates", """{"id":"a","kind":"note"}""");

        posted.IsSuccessStatusCode.ShouldBeTrue(await posted.TextAsync());
        (await hub.Http.JsonAsync(scene.Keyed("json"))).GetProperty("items").GetArrayLength().ShouldBe(1);
    }

    private static async Task RunAsync(HubApp hub, string sql)
    {
        await using var context = await hub.Services.GetRequiredService<IDbContextFactory<LedgerContext>>().CreateDbContextAsync(Cancel);
        await context.Database.ExecuteSqlRawAsync(sql, Cancel);
    }
}
