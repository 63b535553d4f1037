using System.Security.Claims;
using ActivityHub.Hub.Accounts;
using ActivityHub.Hub.Pages;
using ActivityHub.Ledger.Apps;
using ActivityHub.Ledger.Storage;
using Microsoft.AspNetCore;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.EntityFrameworkCore;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace ActivityHub.Hub.Apps;

/// <summary>
/// Keeps the authorization endpoint from being an open redirector (RFC 9700 §4.11.2). Every client may register an app with any address and
/// make a link that is refused: the browser then goes to that address only by a click, unless its owner has given this app access before,
/// or has just answered.
/// </summary>
internal sealed class AnswersToApps(IDbContextFactory<LedgerContext> contexts) : IOpenIddictServerHandler<ApplyAuthorizationResponseContext>
{
    private static readonly object Answered = new();

    /// <summary>Says that the owner has clicked on this request's answer.</summary>
    public static void NoteClick(HttpContext http) => http.Items[Answered] = true;

    public async ValueTask HandleAsync(ApplyAuthorizationResponseContext context)
    {
        if (context.Error is null || context.RedirectUri is not { Length: > 0 } redirect ||
            context.Transaction.GetHttpRequest()?.HttpContext is not { } http ||
            http.Items.ContainsKey(Answered) || await HasConsentAsync(http, context.Request?.ClientId, context.CancellationToken))
        {
            return;
        }

        var link = QueryHelpers.AddQueryString(redirect, context.Response.GetParameters()
            .Select(parameter => KeyValuePair.Create(parameter.Key, (string?)parameter.Value))
            .Where(parameter => parameter.Value is not null));
        http.Response.StatusCode = StatusCodes.Status400BadRequest;
        await Html.Page(http.Response, "An app asked in a way that cannot be answered", $"""
            <h1>An app asked in a way that cannot be answered</h1>
            <p class="lead">It got the error: {Html.Encode(context.Error)}. {Html.Encode(context.Response.ErrorDescription ?? "")}</p>
            <p>Nothing was given. If you know the app, <a href="{Html.Encode(link)}" rel="noreferrer">go back to it at
                {Html.Encode(new Uri(redirect).Host)}</a>; else close this page.</p>
            """, status: StatusCodes.Status400BadRequest).ExecuteAsync(http);
        context.HandleRequest();
    }

    private async Task<bool> HasConsentAsync(HttpContext http, string? clientId, CancellationToken cancellationToken)
    {
        if (clientId is null ||
            (await http.AuthenticateAsync(SessionCookie.Scheme)).Principal?.FindFirstValue(ClaimTypes.NameIdentifier) is not { } account)
        {
            return false;
        }

        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.AppConsents.AnyAsync(
            row => row.Subject == account && row.Status == OpenIddictConstants.Statuses.Valid && row.Application!.ClientId == clientId,
            cancellationToken);
    }
}
