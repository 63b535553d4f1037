using System.Net.Http.Json;
using System.Text.Json;
using ActivityHub.Ledger.Storage;
using ActivityHub.TestKit;
using Microsoft.Extensions.DependencyInjection;
using OpenIddict.Abstractions;
using Shouldly;
using Xunit;

namespace ActivityHub.Hub.Tests.Apps;

/// <summary>OpenIddict writes in turn with every other writer of an SQLite ledger, and what it writes is written.</summary>
public sealed class StoreTurnsTests : IAsyncLifetime
{
    private const string Subject = "42";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private HubApp _hub = null!;
    private AsyncServiceScope _scope;

    public async ValueTask InitializeAsync()
    {
        _hub = await HubApp.StartAsync(Database.Sqlite, options => options.Settings["Roles"] = "hub");
        _scope = _hub.Services.CreateAsyncScope();
    }

    [Fact]
    public async Task Consents()
    {
        var consents = _scope.ServiceProvider.GetRequiredService<IOpenIddictAuthorizationManager>();
        var app = await RegisterAsync();
        var consent = await TurnAsync(() => consents.CreateAsync(Consent(app), Cancel).AsTask());
        await TurnAsync(async () => await consents.UpdateAsync(consent, Cancel));
        (await consents.CountAsync(Cancel)).ShouldBe(1);

        (await TurnAsync(() => consents.RevokeBySubjectAsync(Subject, Cancel).AsTask())).ShouldBe(1);
        await consents.CreateAsync(Consent(app), Cancel);
        (await TurnAsync(() => consents.RevokeByApplicationIdAsync(app, Cancel).AsTask())).ShouldBe(2);
        (await TurnAsync(() => consents.RevokeAsync(Subject, app, null, null, Cancel).AsTask())).ShouldBe(2);

        await TurnAsync(async () => await consents.DeleteAsync(consent, Cancel));
        (await TurnAsync(() => consents.PruneAsync(TimeProvider.System.GetUtcNow().AddDays(1), Cancel).AsTask())).ShouldBe(1);
        (await consents.CountAsync(Cancel)).ShouldBe(0);
    }

    [Fact]
    public async Task Tokens()
    {
        var tokens = _scope.ServiceProvider.GetRequiredService<IOpenIddictTokenManager>();
        var consents = _scope.ServiceProvider.GetRequiredService<IOpenIddictAuthorizationManager>();
        var app = await RegisterAsync();
        var consent = (await consents.GetIdAsync(await consents.CreateAsync(Consent(app), Cancel), Cancel))!;
        var token = await TurnAsync(() => tokens.CreateAsync(Token(app, consent), Cancel).AsTask());
        await TurnAsync(async () => await tokens.UpdateAsync(token, Cancel));

        (await TurnAsync(() => tokens.RevokeByAuthorizationIdAsync(consent, Cancel).AsTask())).ShouldBe(1);
        await tokens.CreateAsync(Token(app, consent), Cancel);
        (await TurnAsync(() => tokens.RevokeBySubjectAsync(Subject, Cancel).AsTask())).ShouldBe(1);
        await tokens.CreateAsync(Token(app, consent), Cancel);
        (await TurnAsync(() => tokens.RevokeByApplicationIdAsync(app, Cancel).AsTask())).ShouldBe(1);
        await tokens.CreateAsync(Token(app, consent), Cancel);
        (await TurnAsync(() => tokens.RevokeAsync(Subject, app, null, null, Cancel).AsTask())).ShouldBe(4);

        (await tokens.CountAsync(Cancel)).ShouldBe(4);
        await TurnAsync(async () => await tokens.DeleteAsync(token, Cancel));
        (await TurnAsync(() => tokens.PruneAsync(TimeProvider.System.GetUtcNow().AddDays(1), Cancel).AsTask())).ShouldBe(3);
        (await tokens.CountAsync(Cancel)).ShouldBe(0);
    }

    public async ValueTask DisposeAsync()
    {
        await _scope.DisposeAsync();
        await _hub.DisposeAsync();
    }

    private static OpenIddictAuthorizationDescriptor Consent(string app) => new()
    {
        ApplicationId = app,
        CreationDate = TimeProvider.System.GetUtcNow().AddDays(-1),
        Status = OpenIddictConstants.Statuses.Valid,
        Subject = Subject,
        Type = OpenIddictConstants.AuthorizationTypes.Permanent,
    };

    private static OpenIddictTokenDescriptor Token(string app, string consent) => new()
    {
        ApplicationId = app,
        AuthorizationId = consent,
        CreationDate = TimeProvider.System.GetUtcNow().AddDays(-1),
        Status = OpenIddictConstants.Statuses.Valid,
        Subject = Subject,
        Type = "access_token",
    };

    private async Task<string> RegisterAsync()
    {
        var owner = await _hub.SignUpAsync();
        using var made = await owner.Http.PostAsJsonAsync(
            "/api/apps", new { name = "map", redirectUris = new[] { "https://app.example/cb" } }, Cancel);
        var apps = _scope.ServiceProvider.GetRequiredService<IOpenIddictApplicationManager>();
        var client = (await made.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("clientId")
            .GetString()!;
        return (await apps.GetIdAsync((await apps.FindByClientIdAsync(client, Cancel))!, Cancel))!;
    }

    private Task TurnAsync(Func<Task> write) => TurnAsync(async () =>
    {
        await write();
        return true;
    });

    // SQLite works on the caller's thread: a write that does not wait for its turn has ended before its task is here.
    private async Task<T> TurnAsync<T>(Func<Task<T>> write)
    {
        using var turn = await _hub.Services.GetRequiredService<WriterQueue>().TakeAsync(WritePriority.Ingest, Cancel);
        var writing = write();
        writing.IsCompleted.ShouldBeFalse();
        turn.Dispose();
        return await writing.WaitAsync(TimeSpan.FromSeconds(30), Cancel);
    }
}
