using ActivityHub.TestKit;
using Shouldly;
using Xunit;
using static ActivityHub.Conformance.Http;

namespace ActivityHub.Conformance.Access;

/// <summary>
/// A hidden update costs its reader nothing: a read after it sends exactly the same database requests as a read after no update, because
/// timing also reveals information. Each document was rendered before, so a new rendering would show as a request for its updates.
/// </summary>
public sealed class HiddenCostTests
{
    private const int Rounds = 3;

    private static readonly string[] Documents = [".atom", ".rss", ".json", ".geojson", ".js"];

    [Theory, BothDatabases]
    public async Task A_hidden_update_costs_a_reader_no_statement_and_no_rendering(Database database)
    {
        using var statements = new CountedStatements();
        var clock = new MovableClock();
        await using var hub = await HubApp.StartAsync(database, options =>
        {
            options.Settings["Roles"] = "hub,feeds";
            options.Configure = builder => statements.CountLogOf(builder.Services);
            options.Time = clock;
        });
        statements.CountOf(hub);
        var owner = await hub.SignUpAsync();
        var now = clock.GetUtcNow();
        (string Told, TestGrantRequest Wish, string Hidden)[] views =
        [
            ("one kind", new TestGrantRequest { Kinds = ["battery"] }, Update("geo")),
            ("a kilometre", new TestGrantRequest { Precision = "1km" }, Update("my.secret")),
            ("an ended stretch", new TestGrantRequest { To = now.AddMinutes(-30) }, Update("geo")),
            ("a delay", new TestGrantRequest { DelaySeconds = 3600 }, Update("battery")),
            ("one kind with a delay", new TestGrantRequest { Kinds = ["battery"], DelaySeconds = 3600 }, Update("geo")),
        ];
        foreach (var (told, request, hidden) in views)
        {
            var phone = await owner.AddDeviceAsync();
            var grant = await owner.GrantAsync(phone.Feed, request);
            await phone.PostAsync(Update("battery"));
            foreach (var document in Documents)
            {
                var address = $"/feeds/{phone.Feed}{document}?key={grant.Key}";
                using var first = await hub.Http.AskAsync(address);
                var tag = first.Headers.ETag!.ToString();
                var (quiet, after) = (long.MaxValue, long.MaxValue);
                for (var round = 0; round < Rounds; round++)
                {
                    quiet = Math.Min(quiet, await CostAsync(hub, statements, address, tag, told));
                    await phone.PostAsync(hidden);
                    after = Math.Min(after, await CostAsync(hub, statements, address, tag, told));
                }

                after.ShouldBe(quiet, $"{told}, {document}");
            }
        }
    }

    [Theory, BothDatabases]
    public async Task What_shows_is_in_the_next_document_and_what_is_taken_back_is_not(Database database)
    {
        var clock = new MovableClock();
        await using var hub = await HubApp.StartAsync(database, options => options.Time = clock);
        var owner = await hub.SignUpAsync();
        var phone = await owner.AddDeviceAsync();
        var battery = await owner.GrantAsync(phone.Feed, new TestGrantRequest { Kinds = ["battery"] });
        var delayed = await owner.GrantAsync(phone.Feed, new TestGrantRequest { DelaySeconds = 600 });
        await ExpectAsync(hub, phone, battery, 0);
        await ExpectAsync(hub, phone, delayed, 0);

        await phone.PostAsync(Update("geo"));
        await phone.PostAsync(Update("battery"));
        await phone.PostAsync(Update("geo"));

        await ExpectAsync(hub, phone, battery, 1);
        await ExpectAsync(hub, phone, delayed, 0);
        clock.Forward(TimeSpan.FromMinutes(11));
        await ExpectAsync(hub, phone, delayed, 3);
        await phone.PostAsync(Update("battery"));
        await ExpectAsync(hub, phone, battery, 2);
        await ExpectAsync(hub, phone, delayed, 3);
        using var withdrawn = await owner.Http.DeleteAsync($"/api/feeds/{phone.Feed}/updates/2", Cancel);
        withdrawn.IsSuccessStatusCode.ShouldBeTrue();
        await ExpectAsync(hub, phone, battery, 1);
        await ExpectAsync(hub, phone, delayed, 2);
        clock.Forward(TimeSpan.FromMinutes(11));
        await ExpectAsync(hub, phone, delayed, 3);
    }

    private static async Task<long> CostAsync(HubApp hub, CountedStatements statements, string address, string tag, string told)
    {
        var before = statements.Count;
        using var answer = await hub.Http.AskAsync(address, ("If-None-Match", tag));
        ((int)answer.StatusCode).ShouldBe(304, told);
        return statements.Count - before;
    }

    private static async Task ExpectAsync(HubApp hub, TestDevice phone, TestGrant grant, int items)
    {
        var document = await hub.Http.JsonAsync($"/feeds/{phone.Feed}.json?key={grant.Key}");
        document.GetProperty("items").GetArrayLength().ShouldBe(items);
    }

    private static string Update(string kind) => $$"""{"kind":"{{kind}}","data":{"level":47} }""";
}
