using ActivityHub.TestKit;
using Shouldly;
using Xunit;

namespace ActivityHub.Hub.Tests;

/// <summary>Whoever sets up a phone is told whether the phone can reach the hub, and what stands in the way.</summary>
public sealed class ReachTests
{
    private const string OnlyHere = "No phone reaches this hub";
    private const string NotSecret = "Browsers tell a place over https alone";

    [Theory]
    [InlineData(null, OnlyHere, NotSecret)]
    [InlineData("http://hub.example.org:8080", NotSecret, OnlyHere)]
    public async Task What_keeps_a_phone_away_stands_where_it_is_set_up_and_where_it_arrives(string? publicUrl, string said, string unsaid)
    {
        await using var hub = await StartAsync(publicUrl);
        using var browser = new AccountsBrowser(hub);

        var there = await hub.Http.GetStringAsync("/reach", Cancel);

        there.ShouldContain("This device reaches the hub");
        there.ShouldContain("127.0.0.1");
        there.ShouldContain(said);
        there.ShouldNotContain(unsaid);
        var owner = await hub.SignUpAsync();
        var phone = await owner.AddDeviceAsync();
        await browser.SignInAsync(owner.Email, owner.Password);
        var setup = await browser.PageAsync($"/devices/{phone.Id}/setup");
        setup.ShouldContain(said);
        setup.ShouldContain($"{publicUrl ?? hub.BaseUrl}/reach");
    }

    [Fact]
    public async Task A_hub_that_only_this_machine_reaches_names_the_switches_that_change_it()
    {
        await using var hub = await StartAsync(null);

        var there = await hub.Http.GetStringAsync("/reach", Cancel);

        there.ShouldContain($"--urls http://0.0.0.0:{new Uri(hub.BaseUrl).Port} --Hub:PublicUrl http://");
    }

    [Fact]
    public async Task Behind_https_nothing_stands_in_the_way()
    {
        await using var hub = await StartAsync("https://hub.example.org");

        var there = await hub.Http.GetStringAsync("/reach", Cancel);

        there.ShouldContain("browsers and apps may tell places");
        there.ShouldNotContain(OnlyHere);
        there.ShouldNotContain(NotSecret);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static Task<HubApp> StartAsync(string? publicUrl) => HubApp.StartAsync(Database.Sqlite, options =>
    {
        if (publicUrl is not null)
        {
            options.Settings["Hub:PublicUrl"] = publicUrl;
        }
    });
}
