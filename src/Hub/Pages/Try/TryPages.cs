using System.Text;
using System.Text.Json;
using ActivityHub.FeedApi.Limits;
using ActivityHub.FeedApi.Streaming;
using ActivityHub.Ledger;
using ActivityHub.Ledger.Access;
using ActivityHub.Web;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace ActivityHub.Hub.Pages.Try;

/// <summary>
/// Shows a visitor in a minute what the hub does: a feed that lives an hour, and a callback whose deliveries appear on the page.
/// </summary>
internal static class TryPages
{
    private const int MaxDelivery = 1024 * 1024;
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);

    public static void AddTry(this IServiceCollection services)
    {
        services.AddOptions<TryOptions>().BindConfiguration(TryOptions.Section).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<TryOptions>, TryOptionsValidator>());
        services.AddSingleton<GuestCallbacks>().AddSingleton<GuestSeats>().AddSingleton<Guests>()
            .AddHostedService(provider => provider.GetRequiredService<Guests>());
    }

    public static void MapTry(this IEndpointRouteBuilder pages)
    {
        pages.MapGet("/try", Ask);
        pages.MapPost("/try", Welcome);
        pages.MapGet("/try/callbacks/{callback}/arrivals", Follow);
        pages.MapGet("/try/callbacks/{callback}/state", (string callback, GuestCallbacks callbacks) =>
            callbacks.IsConfirmed(callback) is { } isConfirmed ? Results.Ok(new { isConfirmed }) : Results.NotFound());
    }

    /// <summary>What the hub's own deliveries call: no page, and no form of ours.</summary>
    public static void MapTryCallback(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/try/callbacks/{callback}", Confirm).ExcludeFromDescription();
        routes.MapPost("/try/callbacks/{callback}", Take).ExcludeFromDescription();
    }

    private static Task<Microsoft.AspNetCore.Http.HttpResults.ContentHttpResult> Ask(HttpContext http, IOptions<TryOptions> options) =>
        ShowAsync(http, options, null, null);

    private static async Task<IResult> Welcome(HttpContext http, IOptions<TryOptions> options, Guests guests, GuestSeats seats)
    {
        if (!options.Value.Enabled)
        {
            return await ShowAsync(http, options, null, null);
        }

        var client = ClientAddress.Of(http.Connection.RemoteIpAddress);
        if (!seats.TryTake(client))
        {
            return await ShowAsync(
                http, options, null, "Your network has been given as many feeds on trial as it may have at a time. Come back in an hour.",
                429);
        }

        if (await guests.WelcomeAsync(http.RequestAborted) is { } guest)
        {
            return await ShowAsync(http, options, guest, null);
        }

        seats.GiveBack(client);
        return await ShowAsync(http, options, null, "There are as many visitors as this hub takes at a time. Come back in a few minutes.");
    }

    private static Task<Microsoft.AspNetCore.Http.HttpResults.ContentHttpResult> ShowAsync(
        HttpContext http, IOptions<TryOptions> options, Guest? guest, string? fault, int status = 503) =>
        RazorPage.ShowAsync<TryView>(
            http, new("Try it", ["try.js"]) { Acts = false, HasForms = true, Status = fault is null ? 200 : status },
            new()
            {
                [nameof(TryView.IsEnabled)] = options.Value.Enabled,
                [nameof(TryView.Guest)] = guest,
                [nameof(TryView.Fault)] = fault,
                [nameof(TryView.Token)] = options.Value.Enabled ? PageRoutes.Token(http) : "",
                [nameof(TryView.Base)] = http.RequestServices.GetRequiredService<IOptions<HubOptions>>().Value.Base,
            });

    // WebSub §5.3: the challenge back, and nothing else.
    private static IResult Confirm(string callback, HttpContext http, GuestCallbacks callbacks) =>
        http.Request.Query["hub.challenge"].ToString() is { Length: > 0 and < 1000 } challenge && callbacks.Confirm(callback)
            ? TypedResults.Text(challenge, "text/plain")
            : TypedResults.NotFound();

    private static async Task<IResult> Take(string callback, HttpContext http, GuestCallbacks callbacks) =>
        await BoundedBody.ReadAsync(http.Request, MaxDelivery, http.RequestAborted) is not { } body ? TypedResults.StatusCode(413)
            : callbacks.Take(callback, http.Request.Headers, body.Span) ? TypedResults.NoContent()
            : TypedResults.StatusCode(StatusCodes.Status410Gone);

    private static async Task Follow(
        string callback, HttpContext http, GuestCallbacks callbacks, StreamSeats seats, IHostApplicationLifetime lifetime)
    {
        if (callbacks.Read(callback) is not { } arrivals)
        {
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        using var seat = seats.TryTakeVisitor(http);
        if (seat is null)
        {
            await Problem.Unavailable("As many streams are open as may be; come back later.", RetryLater.Seat).WriteAsync(http);
            return;
        }

        EventWriter.Prepare(http.Response, "no-store");
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, lifetime.ApplicationStopping);
        try
        {
            await http.Response.WriteAsync(": ready\n\n", ending.Token);
            await http.Response.Body.FlushAsync(ending.Token);
            while (true)
            {
                using var wait = CancellationTokenSource.CreateLinkedTokenSource(ending.Token);
                wait.CancelAfter(Heartbeat);
                try
                {
                    var arrival = await arrivals.ReadAsync(wait.Token);
                    callbacks.Seen(arrival);
                    await http.Response.WriteAsync(
                        $"event: arrival\ndata: {JsonSerializer.Serialize(arrival, JsonSerializerOptions.Web)}\n\n", Encoding.UTF8,
                        ending.Token);
                }
                catch (OperationCanceledException) when (!ending.IsCancellationRequested)
                {
                    await http.Response.WriteAsync(":\n\n", ending.Token);
                }

                await http.Response.Body.FlushAsync(ending.Token);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or System.Threading.Channels.ChannelClosedException)
        {
            // The visitor has gone, the hour is over, or the process stops.
        }
    }
}
