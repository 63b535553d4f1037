using System.Diagnostics.Metrics;
using ActivityHub.Hub.Accounts;
using ActivityHub.Hub.Limits;
using ActivityHub.Hub.Pages.Try;
using ActivityHub.Ledger.Accounts;
using ActivityHub.Ledger.Storage;
using ActivityHub.Workers.Deliveries;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace ActivityHub.Hub.Pages.Console;

/// <summary>For who runs the hub: who is there, how late deliveries are, which hosts are left alone, and what is limited.</summary>
internal static class AdministrationPages
{
    private const int MostAccounts = 200;

    public static void MapAdministration(this RouteGroupBuilder pages) => pages.MapGet("/admin", Show);

    private static async Task<IResult> Show(
        HttpContext http, IDbContextFactory<LedgerContext> contexts, DeliveryLags lags, IOptions<LimitOptions> limits, LedgerProvider provider, TimeProvider time)
    {
        if (!http.User.IsInRole(TokenAuthentication.Administrator))
        {
            return RazorPage.NotFound(http);
        }

        await using var context = await contexts.CreateDbContextAsync(http.RequestAborted);
        var guests = Account.Normalize(Guests.Domain);
        var accounts = await context.Accounts.AsNoTracking().Where(row => !row.NormalizedEmail.EndsWith(guests)).OrderBy(row => row.CreatedAt).Take(MostAccounts)
            .Select(row => new AccountRow(
                row.Email, row.CreatedAt, row.IsAdministrator, context.Devices.Count(device => device.AccountId == row.Id),
                context.AccountTokens.Where(token => token.AccountId == row.Id).Max(token => token.LastUsedAt)))
            .ToListAsync(http.RequestAborted);
        return await RazorPage.ShowAsync<AdministrationPage>(http, new("Administration") { Acts = false }, new()
        {
            [nameof(AdministrationPage.Accounts)] = accounts,
            [nameof(AdministrationPage.Lag)] = await lags.ReadAsync(time.GetUtcNow(), http.RequestAborted),
            [nameof(AdministrationPage.Hosts)] = await FailingHost.ReadAsync(context, http.RequestServices.GetService<HostsLeftAlone>(), http.RequestAborted),
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

/// <summary>An account, for who runs the hub: how it is used, and nothing of what is in it.</summary>
public sealed record AccountRow(string Email, DateTimeOffset CreatedAt, bool IsAdministrator, int Devices, DateTimeOffset? LastUsedAt);
