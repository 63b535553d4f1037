using System.Net;
using System.Text.Json;
using ActivityHub.TestKit;
using Shouldly;
using Xunit;
using static ActivityHub.Conformance.Http;

namespace ActivityHub.Conformance.Owners;

/// <summary>Grants: access, time limits and the end.</summary>
public sealed class GrantsTests(SharedHubs hubs)
{
    [Theory, BothDatabases]
    public async Task A_grant_shows_its_key_once_and_its_addresses_carry_it(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);

        using var created = await scene.Owner.Http.PostJsonAsync($"/api/feeds/{scene.Feed}/grants", """{"name":"a friend"}""");

        var grant = await created.JsonAsync(HttpStatusCode.Created);
        var key = grant.GetProperty("key").GetString()!;
        foreach (var url in grant.GetProperty("urls").EnumerateObject().Where(url => url.Name is not "updates" and not "stream"))
        {
            (await scene.Hub.GetStringAsync(url.Value.GetString()!)).ShouldNotBeEmpty();
        }

        using var list = await scene.Owner.Http.AskAsync($"/api/feeds/{scene.Feed}/grants");
        var listed = await list.TextAsync();
        listed.ShouldContain("a friend");
        listed.ShouldNotContain(key);
        listed.ShouldNotContain(scene.Grant.Key!);
    }

    // The author of an invalid grant must not believe that it is in force.
    [Theory]
    [InlineData("kinds", """{"name":"n","kinds":[]}""")]
    [InlineData("precision", """{"name":"n","precision":"blurred"}""")]
    [InlineData("to", """{"name":"n","from":"2026-01-02T00:00:00Z","to":"2026-01-01T00:00:00Z"}""")]
    [InlineData("delaySeconds", """{"name":"n","delaySeconds":-60}""")]
    [InlineData("rights", """{"name":"n","rights":["read","write"]}""")]
    [InlineData("rights", """{"name":"n","rights":["write"]}""")]
    [InlineData("rights", """{"name":"n","rights":[]}""")]
    [InlineData("until", """{"name":"n","until":"2020-01-01T00:00:00Z"}""")]
    [InlineData("until", """{"name":"n","until":"soon"}""")]
    [InlineData("name", """{"name":7}""")]
    [InlineData("colour", """{"name":"n","colour":"blue"}""")]
    public async Task What_cannot_hold_is_refused_by_name(string path, string json)
    {
        var scene = await Scene.SetAsync(hubs, Database.Sqlite);

        using var answer = await scene.Owner.Http.PostJsonAsync($"/api/feeds/{scene.Feed}/grants", json);

        var problem = await answer.ProblemAsync(HttpStatusCode.BadRequest);
        var error = problem.GetProperty("errors").EnumerateArray().First(
            error => error.GetProperty("path").GetString()!.StartsWith(path, StringComparison.Ordinal));
        error.GetProperty("detail").GetString().ShouldNotBeNullOrWhiteSpace();
        (await scene.Owner.Http.JsonAsync($"/api/feeds/{scene.Feed}/grants")).GetProperty("items").GetArrayLength().ShouldBe(1);
    }

    [Theory]
    [InlineData("""{"name":"n","public":false,"kinds":null,"precision":"exact","from":null,"to":null,"delaySeconds":0,"until":null}""")]
    [InlineData(
        """{"name":"n","kinds":["geo","battery"],"precision":"100m","from":"2026-01-01T00:00:00Z","to":"2036-01-01T00:00:00Z","delaySeconds":60}""")]
    [InlineData("""{"name":"n","public":true}""")]
    public async Task A_view_is_given_as_it_was_asked_for(string json)
    {
        var scene = await Scene.SetAsync(hubs, Database.Sqlite);

        using var answer = await scene.Owner.Http.PostJsonAsync($"/api/feeds/{scene.Feed}/grants", json);
        var grant = await answer.JsonAsync(HttpStatusCode.Created);

        foreach (var asked in System.Text.Json.JsonDocument.Parse(json).RootElement.EnumerateObject()
            .Where(asked => asked.Name is not "kinds"))
        {
            grant.GetProperty(asked.Name).ToString().ShouldBe(asked.Value.ToString());
        }

        if (json.Contains("true", StringComparison.Ordinal))
        {
            grant.GetProperty("precision").GetString().ShouldBe("1km");
            grant.GetProperty("from").GetDateTimeOffset().ShouldBe(TimeProvider.System.GetUtcNow(), TimeSpan.FromMinutes(1));
        }
    }

    [Theory, BothDatabases]
    public async Task A_public_grant_needs_no_key_from_its_time_on(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);
        await using var callback = await CallbackListener.StartAsync();
        await scene.PostEachAsync("a");

        using var created = await scene.Owner.Http.PostJsonAsync(
            $"/api/feeds/{scene.Feed}/grants", """{"name":"everybody","public":true,"precision":"exact","from":null}""");
        using var second = await scene.Owner.Http.PostJsonAsync(
            $"/api/feeds/{scene.Feed}/grants", """{"name":"everybody again","public":true,"precision":"exact","from":null}""");

        var grant = await created.JsonAsync(HttpStatusCode.Created);
        (grant.TryGetProperty("key", out var key) && key.ValueKind != JsonValueKind.Null).ShouldBeFalse();
        ((int)second.StatusCode).ShouldBeInRange(400, 409);
        WebSub.Delivered.PhoneIds(await scene.Hub.GetStringAsync(scene.Bare("atom"))).ShouldBe(["a"]);
        await scene.SubscribeAsync(scene.Bare("atom"), callback.Url());
        await scene.PostEachAsync("b");
        WebSub.Delivered.PhoneIds((await callback.WaitForAsync(1))[0]).ShouldBe(["b"]);
        using var revoked = await scene.Owner.Http.DeleteAsync($"/api/grants/{grant.GetProperty("id").GetString()}", Cancel);
        using var closed = await scene.Hub.Http.AskAsync(scene.Bare("atom"));
        closed.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Theory, BothDatabases]
    public async Task A_public_grant_shows_nothing_from_before_its_time(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);
        await scene.PostEachAsync("before");
        var from = TimeProvider.System.GetUtcNow();
        await scene.Owner.GrantAsync(scene.Feed, new TestGrantRequest { Public = true, Precision = "exact", From = from });
        await scene.PostEachAsync("after");

        // A view that hides a part shows no phone ids; only the entry's own id.
        var owned = await scene.Owner.Http.GetStringAsync($"/feeds/{scene.Feed}.json", TestContext.Current.CancellationToken);
        WebSub.Delivered.PhoneIds(owned).ShouldBe(["after", "before"]);
        var entry = JsonElement.Parse(owned).GetProperty("items")[0].GetProperty("id")
            .GetString()!.Replace("urn:uuid:", "", StringComparison.Ordinal);
        foreach (var format in new[] { "atom", "rss", "json", "geojson" })
        {
            WebSub.Delivered.PhoneIds(await scene.Hub.GetStringAsync(scene.Bare(format))).ShouldBe([entry]);
        }

        using var hidden = await scene.Hub.Http.AskAsync($"/feeds/{scene.Feed}/updates/1");
        hidden.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Theory, BothDatabases]
    public async Task Revoking_holds_for_whatever_starts_after_the_answer(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);
        var other = await scene.Owner.GrantAsync(scene.Feed);
        await using var callback = await CallbackListener.StartAsync();
        await scene.SubscribeAsync(scene.Topic, callback.Url());
        await scene.SubscribeAsync(other.Urls.Atom, callback.Url("/other"));
        await scene.PostEachAsync("a");
        await callback.WaitForAsync(1);
        using var first = await scene.Hub.Http.AskAsync(scene.Keyed("json"));

        await scene.Owner.RevokeAsync(scene.Grant);
        using var read = await scene.Hub.Http.AskAsync(scene.Keyed("json"));
        using var conditional = await scene.Hub.Http.AskAsync(scene.Keyed("json"), ("If-None-Match", first.Headers.ETag!.ToString()));
        await callback.WaitForAsync(request => request.Parameter("hub.mode") == "denied");
        await scene.PostEachAsync("b");
        await callback.At("/other").WaitForAsync(2);

        read.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        conditional.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        callback.Deliveries.ShouldHaveSingleItem();
        (await scene.SubscriptionAsync(callback.Url()))!.State.ShouldBe("denied");
    }

    [Theory, BothDatabases]
    public async Task A_grant_ends_by_itself_and_with_it_what_hangs_on_it(Database database)
    {
        var clock = new MovableClock();
        await using var hub = await HubApp.StartAsync(database, options => options.Time = clock);
        var scene = await Scene.SetAsync(hub);
        await using var callback = await CallbackListener.StartAsync();
        var ending = await scene.Owner.GrantAsync(scene.Feed, new TestGrantRequest { Until = clock.GetUtcNow().AddHours(1) });
        await scene.SubscribeAsync(ending.Urls.Atom, callback.Url());
        await scene.SubscribeAsync(scene.Topic, callback.Url("/other"));
        int.Parse(callback.Verifications[0].Parameter("hub.lease_seconds")!).ShouldBeInRange(3500, 3600);

        clock.Forward(TimeSpan.FromMinutes(61));
        await scene.PostEachAsync("late");
        await callback.At("/other").WaitForAsync(1);

        using var read = await hub.Http.AskAsync(ending.Urls.Atom);
        read.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        callback.Deliveries.ShouldBeEmpty();
    }

    [Theory, BothDatabases]
    public async Task Rights_are_taken_back_one_by_one(Database database)
    {
        var scene = await Scene.SetAsync(hubs, database);
        await using var callback = await CallbackListener.StartAsync();
        await scene.SubscribeAsync(scene.Topic, callback.Url());

        using var changed = await scene.Owner.Http.SendJsonAsync(
            HttpMethod.Patch, $"/api/grants/{scene.Grant.Id}", """{"name":"reads only","rights":["read"]}""");

        (await changed.JsonAsync()).GetProperty("name").GetString().ShouldBe("reads only");
        await callback.WaitForAsync(request => request.Parameter("hub.mode") == "denied");
        (await scene.Hub.GetStringAsync(scene.Keyed("atom"))).ShouldNotBeEmpty();
        using var again = await scene.Hub.TrySubscribeAsync(scene.Topic, callback.Url());
        again.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }
}
