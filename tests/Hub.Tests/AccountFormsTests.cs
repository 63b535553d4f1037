using System.Net;
using System.Net.Http.Json;
using ActivityHub.Ledger.Accounts;
using ActivityHub.Ledger.Storage;
using ActivityHub.TestKit;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace ActivityHub.Hub.Tests;

/// <summary>The same address and the same password, typed on another system.</summary>
public sealed class AccountFormsTests
{
    private const string Composed = "p\u00e4sswort lang";
    private const string Apart = "pa\u0308sswort\u00a0lang";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory, BothDatabases]
    public async Task An_account_is_one_person_whichever_form_they_type(Database database)
    {
        await using var hub = await HubApp.StartAsync(database);

        (await PostAsync(hub, "/api/accounts", "j\u00fcrgen@m\u00fcnchen.example", Composed)).ShouldBe(HttpStatusCode.Created);
        (await PostAsync(hub, "/api/accounts", "ju\u0308rgen@m\u00fcnchen.example", Composed)).ShouldBe(HttpStatusCode.Conflict);
        (await PostAsync(hub, "/api/accounts", "j\u00fcrgen@xn--mnchen-3ya.example", Composed)).ShouldBe(HttpStatusCode.Conflict);
        (await PostAsync(hub, "/api/tokens", "j\u00fcrgen@m\u00fcnchen.example", Apart)).ShouldBe(HttpStatusCode.Created);
        (await PostAsync(hub, "/api/tokens", "Ju\u0308rgen@XN--MNCHEN-3ya.example", Apart)).ShouldBe(HttpStatusCode.Created);
        (await PostAsync(hub, "/api/tokens", "j\u00fcrgen@m\u00fcnchen.example", "passwort lang")).ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Theory, BothDatabases]
    public async Task What_an_earlier_version_stored_as_it_was_typed_goes_on_working_and_is_rewritten(Database database)
    {
        await using var hub = await HubApp.StartAsync(database);
        const string email = "ju\u0308rgen@m\u00fcnchen.example";
        (await PostAsync(hub, "/api/accounts", email, Composed)).ShouldBe(HttpStatusCode.Created);
        await ChangeAsync(hub, set => set
            .SetProperty(row => row.NormalizedEmail, email.ToUpperInvariant())
            .SetProperty(row => row.PasswordHash, new PasswordHasher<Account>().HashPassword(null!, Apart)));

        // Nobody can open a second one beside it.
        (await PostAsync(hub, "/api/accounts", "j\u00fcrgen@m\u00fcnchen.example", Composed)).ShouldBe(HttpStatusCode.Conflict);
        (await PostAsync(hub, "/api/accounts", "j\u00fcrgen@xn--mnchen-3ya.example", Composed)).ShouldBe(HttpStatusCode.Conflict);
        (await PostAsync(hub, "/api/tokens", email, Composed)).ShouldBe(HttpStatusCode.Unauthorized);
        (await PostAsync(hub, "/api/tokens", email, Apart)).ShouldBe(HttpStatusCode.Created);

        (await PostAsync(hub, "/api/tokens", "j\u00fcrgen@xn--mnchen-3ya.example", Composed)).ShouldBe(HttpStatusCode.Created);
        await using var context = await ContextAsync(hub);
        (await context.Accounts.SingleAsync(Cancel)).NormalizedEmail.ShouldBe("J\u00dcRGEN@XN--MNCHEN-3YA.EXAMPLE");
    }

    [Fact]
    public async Task Two_accounts_from_before_that_look_the_same_are_each_found_as_they_were_typed()
    {
        await using var hub = await HubApp.StartAsync(Database.Sqlite);
        (await PostAsync(hub, "/api/accounts", "ju\u0308rgen@example.org", "the older password")).ShouldBe(HttpStatusCode.Created);
        await ChangeAsync(hub, set => set.SetProperty(row => row.NormalizedEmail, "JU\u0308RGEN@EXAMPLE.ORG"));
        await using (var context = await ContextAsync(hub))
        {
            context.Add(
                Account.SignUp(
                    "j\u00fcrgen@example.org", new PasswordHasher<Account>().HashPassword(null!, "the younger password"), false,
                    DateTimeOffset.UnixEpoch));
            await context.SaveChangesAsync(Cancel);
        }

        (await PostAsync(hub, "/api/tokens", "ju\u0308rgen@example.org", "the older password")).ShouldBe(HttpStatusCode.Created);
        (await PostAsync(hub, "/api/tokens", "j\u00fcrgen@example.org", "the younger password")).ShouldBe(HttpStatusCode.Created);
        (await PostAsync(hub, "/api/tokens", "ju\u0308rgen@example.org", "the older password")).ShouldBe(HttpStatusCode.Created);
    }

    private static async Task<HttpStatusCode> PostAsync(HubApp hub, string path, string email, string password)
    {
        using var answer = await hub.Http.PostAsJsonAsync(path, new { email, password }, Cancel);
        return answer.StatusCode;
    }

    private static async Task ChangeAsync(HubApp hub, Action<Microsoft.EntityFrameworkCore.Query.UpdateSettersBuilder<Account>> change)
    {
        await using var context = await ContextAsync(hub);
        await context.Accounts.ExecuteUpdateAsync(change, Cancel);
    }

    private static Task<LedgerContext> ContextAsync(HubApp hub) =>
        hub.Services.GetRequiredService<IDbContextFactory<LedgerContext>>().CreateDbContextAsync(Cancel);
}
