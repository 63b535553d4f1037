using System.Diagnostics.Metrics;
using ActivityHub.Hub.Accounts;
using ActivityHub.Hub.Accounts.Administration;
using ActivityHub.Hub.Limits;
using ActivityHub.Ledger.Storage;
using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Workers.Outbound;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace ActivityHub.Hub.Pages.Console;

/// <summary>The pages of an administrator: accounts, delivery lag, hosts with an open breaker, and limits.</summary>
internal static class AdministrationPages
{
    private const int MostAccounts = 200;

    public static void MapAdministration(this RouteGroupBuilder pages)
    {
        pages.MapGet("/admin", Show);
        pages.MapAccountAdministration();
    }

    private static async Task<IResult> Show(
        HttpContext http, IDbContextFactory<LedgerContext> contexts, DeliveryLags lags, IOptions<LimitOptions> limits,
        LedgerProvider provider, AccountAdministration accounts, TimeProvider time, string? search)
    {
        if (!http.User.IsInRole(TokenAuthentication.Administrator))
        {
            return RazorPage.NotFound(http);
        }

        await using var context = await contexts.CreateDbContextAsync(http.RequestAborted);
        return await RazorPage.ShowAsync<AdministrationPage>(http, new("Administration") { Acts = false, HasForms = true }, new()
        {
            [nameof(AdministrationPage.Accounts)] = await accounts.ListAsync(search, MostAccounts, http.RequestAborted),
            [nameof(AdministrationPage.Search)] = search,
            [nameof(AdministrationPage.FormToken)] = PageRoutes.Token(http),
            // Only a process that does the chores shows them.
            [nameof(AdministrationPage.HasChores)] = http.RequestServices.GetService<OpenCircuits>() is not null,
            [nameof(AdministrationPage.Lag)] = await lags.ReadAsync(time.GetUtcNow(), http.RequestAborted),
            [nameof(AdministrationPage.Hosts)] = await FailingHost.ReadAsync(
                context, http.RequestServices.GetService<OpenCircuits>(), http.RequestAborted),
            [nameof(AdministrationPage.Gauges)] = ReadGauges(),
            [nameof(AdministrationPage.Limits)] = limits.Value,
            [nameof(AdministrationPage.Ledger)] = provider.Place,
        });
    }

    /// <summary>What the process measures of itself just now: in flight, breakers, queues, streams.</summary>
    private static SortedDictionary<string, double> ReadGauges()
    {
        var found = new SortedDictionary<string, double>(StringComparer.Ordinal);
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listening) =>
            {
                if (instrument.Meter.Name.StartsWith("ActivityHub", StringComparison.Ordinal) && instrument.IsObservable)
                {
                    listening.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => found[Name(instrument, tags)] = value);
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => found[Name(instrument, tags)] = value);
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => found[Name(instrument, tags)] = value);
        listener.Start();
        listener.RecordObservableInstruments();
        return found;

        static string Name(Instrument instrument, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
            tags.Length == 0 ? instrument.Name : $"{instrument.Name} ({string.Join(", ", tags.ToArray().Select(tag => tag.Value))})";
    }
}
