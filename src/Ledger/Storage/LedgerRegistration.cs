using ActivityHub.Ledger.Access;
using ActivityHub.Ledger.Updates;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace ActivityHub.Ledger.Storage;

/// <summary>The ledger's door.</summary>
public static class LedgerRegistration
{
    /// <summary>
    /// On PostgreSQL where <c>ConnectionStrings:Ledger</c> names one, else on SQLite in <c>Hub:DataDirectory</c>. May be called by every role.
    /// </summary>
    public static TBuilder AddLedger<TBuilder>(this TBuilder builder)
        where TBuilder : IHostApplicationBuilder
    {
        var services = builder.Services;
        if (services.Any(service => service.ServiceType == typeof(GroupCommit)))
        {
            return builder;
        }

        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<LedgerSignals>().AddSingleton<LedgerWriter>().AddSingleton<FeedRows>().AddSingleton<FeedAccess>().AddSingleton<DeviceAccess>();
        services.AddSingleton<SecretBox>().AddSingleton<GroupCommit>().AddHostedService(provider => provider.GetRequiredService<GroupCommit>());
        return builder;
    }
}
