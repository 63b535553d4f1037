using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using ActivityHub.Hub.Accounts;
using ActivityHub.TestKit;
using FsCheck.Xunit;
using Microsoft.Extensions.Time.Testing;
using Shouldly;
using Xunit;

namespace ActivityHub.Hub.Tests;

public sealed class AccountsLockoutTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public void A_lock_lasts_a_minute_at_first_and_twice_as_long_each_time_up_to_an_hour() =>
        Enumerable.Range(8, 10).Select(failures => AccountLockout.LengthOf(failures, 10).TotalMinutes)
            .ShouldBe([0, 0, 1, 2, 4, 8, 16, 32, 60, 60]);

    [Property]
    public bool No_lock_is_longer_than_an_hour_and_none_shorter_than_the_one_before(ushort failures, byte lockAfter) =>
        AccountLockout.LengthOf(failures, lockAfter) is var length && length <= TimeSpan.FromHours(1) &&
            length >= AccountLockout.LengthOf(failures - 1, lockAfter);

    [Theory, BothDatabases]
    public async Task Known_and_unknown_addresses_are_locked_alike_wherever_the_guesses_come_from(Database database)
    {
        var time = new FakeTimeProvider(DateTimeOffset.Parse("2026-11-28T10:00:00Z"));
        await using var hub = await HubApp.StartAsync(database, options =>
        {
            options.Time = time;
            options.Settings["Accounts:LockAfter"] = "3";
            options.Settings["Roles"] = "hub";
        });
        var owner = await hub.SignUpAsync();

        var known = await StoryAsync(owner.Email);
        var unknown = await StoryAsync("nobody@example.org");

        known.ShouldBe(unknown);
        known.Select(line => line.Split(' ')[0]).ShouldBe(["401", "401", "401", "429", "401", "429"]);
        known[3].ShouldStartWith("429 60 ");
        known[5].ShouldStartWith("429 120 ");

        // The right password, too, waits for the end of the lock, and then clears the count.
        (await TryAsync(owner.Email, owner.Password)).ShouldStartWith("429");
        time.Advance(TimeSpan.FromMinutes(3));
        (await TryAsync(owner.Email, owner.Password)).ShouldStartWith("201");
        (await TryAsync(owner.Email, "wrong")).ShouldStartWith("401");
        (await TryAsync(owner.Email, owner.Password)).ShouldStartWith("201");

        async Task<IReadOnlyList<string>> StoryAsync(string email)
        {
            var seen = new List<string>();
            for (var i = 0; i < 3; i++)
            {
                seen.Add(await TryAsync(email, "a wrong one"));
            }

            seen.Add(await TryAsync(email, "a wrong one"));
            time.Advance(TimeSpan.FromSeconds(61));
            seen.Add(await TryAsync(email, "a wrong one"));
            seen.Add(await TryAsync(email, "a wrong one"));
            return seen;
        }

        async Task<string> TryAsync(string email, string password)
        {
            using var answer = await hub.Http.PostAsJsonAsync("/api/tokens", new { email, password }, Cancel);
            var detail = answer.StatusCode == HttpStatusCode.Created ? null
                : (await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("detail").GetString();
            return $"{(int)answer.StatusCode} {answer.Headers.RetryAfter} {detail}";
        }
    }

    // One more for the second slot, in which a password may be held against the hash when the tenth turns out wrong.
    [Theory, BothDatabases]
    public async Task Of_many_guesses_at_once_no_more_pass_than_the_lock_allows(Database database)
    {
        await using var hub = await HubApp.StartAsync(database, options =>
        {
            options.Settings["Hub:TrustedProxies"] = "127.0.0.0/8";
            options.Settings["Roles"] = "hub";
        });
        var owner = await hub.SignUpAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 63).Select(async i =>
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/api/tokens");
            request.Headers.Add("X-Forwarded-For", $"203.0.113.{i / 9}");
            request.Content = JsonContent.Create(new { email = owner.Email, password = $"guess {i}" });
            using var answer = await hub.Http.SendAsync(request, Cancel);
            return answer.StatusCode;
        }));

        answers.Count(status => status == HttpStatusCode.Unauthorized).ShouldBeInRange(10, 11);
        answers.Count(status => status == HttpStatusCode.TooManyRequests).ShouldBeInRange(52, 53);
    }

    [Theory, BothDatabases]
    public async Task Who_holds_a_token_is_locked_out_of_guessing_the_password_and_the_owner_of_nothing_else(Database database)
    {
        await using var hub = await HubApp.StartAsync(database, options =>
        {
            options.Settings["Accounts:LockAfter"] = "3";
            options.Settings["Roles"] = "hub";
        });
        var owner = await hub.SignUpAsync();
        for (var i = 0; i < 3; i++)
        {
            (await AskAsync(
                "POST", "/api/account/password", new { current = $"guess {i}", @new = "a fresh battery staple" })).StatusCode.ShouldBe(
                    HttpStatusCode.Forbidden);
        }

        using (var changing = await AskAsync(
            "POST", "/api/account/password", new { current = owner.Password, @new = "a fresh battery staple" }))
        {
            changing.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
            changing.Headers.RetryAfter!.Delta!.Value.TotalSeconds.ShouldBeInRange(50, 60);
        }

        // Not by another process either, nor by another route; and a sign-in is no part of it.
        await hub.RestartAsync();
        (await AskAsync("DELETE", "/api/account", new { password = owner.Password })).StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        (await hub.Http.PostAsJsonAsync("/api/tokens", new { email = owner.Email, password = owner.Password }, Cancel)).StatusCode.ShouldBe(
            HttpStatusCode.Created);

        async Task<HttpResponseMessage> AskAsync(string method, string path, object body)
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = JsonContent.Create(body) };
            return await owner.Http.SendAsync(request, Cancel);
        }
    }

    [Theory, BothDatabases]
    public async Task Many_wrong_passwords_at_once_are_all_counted_and_a_restart_forgets_none(Database database)
    {
        await using var hub = await HubApp.StartAsync(database, options =>
        {
            options.Settings["Accounts:LockAfter"] = "6";
            options.Settings["Roles"] = "hub";
        });
        var owner = await hub.SignUpAsync();

        await Task.WhenAll(
            Enumerable.Range(0, 6).Select(
                _ => hub.Http.PostAsJsonAsync("/api/tokens", new { email = owner.Email, password = "wrong" }, Cancel)));
        await hub.RestartAsync();
        using var right = await hub.Http.PostAsJsonAsync("/api/tokens", new { email = owner.Email, password = owner.Password }, Cancel);

        right.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        // What is open stays open: a stranger who guesses shuts nobody out who is signed in.
        (await owner.Http.GetAsync("/api/devices", Cancel)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }
}
