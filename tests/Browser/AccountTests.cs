using Microsoft.Playwright;
using Shouldly;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace ActivityHub.Browser;

public sealed class AccountTests(Chromium chromium)
{
    [Theory]
    [InlineData(390)]
    [InlineData(1280)]
    public async Task Somebody_new_opens_an_account_and_gives_a_phone_a_feed(int width)
    {
        await using var window = await chromium.OpenAsync(width);
        await window.GoAsync("/");
        await window.Page.GetByRole(AriaRole.Navigation).GetByText("Open an account").ClickAsync();
        await window.SignUpAsync();

        var (_, address) = await window.AddPhoneAsync();

        address.ShouldContain("/i/ik_");
        await window.GoAsync("/today");
        await window.FollowAsync("my phone");
        await window.SeesAsync("Nothing has arrived yet");
    }

    [Fact]
    public async Task A_wrong_password_is_told_and_the_right_one_opens()
    {
        await using var window = await chromium.OpenAsync();
        var email = await window.SignUpAsync();
        await window.GoAsync("/account");
        await window.ActAsync("Sign out");

        await SignInAsync(window, email, "another password");
        await window.SeesAsync("There is no account with this email address and this password.");
        window.ForgetErrors();
        await SignInAsync(window, email, "a long password");

        await window.GoAsync("/today");
        await window.SeesAsync("Give your first phone a feed");
    }

    // Also where anybody may look: whoever is signed in is known, and finds the way back.
    [Fact]
    public async Task Open_pages_know_who_is_signed_in()
    {
        await using var window = await chromium.OpenAsync();
        var email = await window.SignUpAsync();
        foreach (var path in (string[])["/", "/docs", "/docs/http-api", "/try", "/sign-in"])
        {
            await window.GoAsync(path);
            await Expect(window.Page.GetByRole(AriaRole.Navigation, new PageGetByRoleOptions { Name = "Main" }))
                .ToContainTextAsync("Account");
        }

        await window.FollowAsync("Account");
        await window.SeesAsync(email);
        await window.ActAsync("Sign out");
        await window.GoAsync("/docs");

        await Expect(window.Page.GetByRole(AriaRole.Navigation, new PageGetByRoleOptions { Name = "Main" })).ToContainTextAsync("Sign in");
    }

    [Fact]
    public async Task A_passkey_opens_the_account_without_address_and_password()
    {
        await using var window = await chromium.OpenAsync();
        await window.SignUpAsync();
        var session = await window.Context.NewCDPSessionAsync(window.Page);
        await session.SendAsync("WebAuthn.enable");
        await session.SendAsync("WebAuthn.addVirtualAuthenticator", new Dictionary<string, object>
        {
            ["options"] = new
            {
                protocol = "ctap2",
                transport = "internal",
                hasResidentKey = true,
                hasUserVerification = true,
                isUserVerified = true,
                automaticPresenceSimulation = true
            },
        });

        await window.GoAsync("/account");
        await window.ClickAsync("Add a passkey");
        await window.Page.Locator("form[action*='/account/passkeys/'] button").First.WaitForAsync();
        await window.ActAsync("Sign out");
        await window.GoAsync("/sign-in");
        await window.ClickAsync("Sign in with a passkey");
        await window.Page.WaitForURLAsync("**/today");

        await window.SeesAsync("Give your first phone a feed");
    }

    private static async Task SignInAsync(Window window, string email, string password)
    {
        await window.GoAsync("/sign-in");
        await window.FillAsync("Email address", email);
        await window.FillAsync("Password", password);
        await window.ActAsync("Sign in");
    }
}
