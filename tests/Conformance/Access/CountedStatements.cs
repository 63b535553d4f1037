using System.Diagnostics;
using System.Reflection;
using ActivityHub.Ledger.Updates;
using ActivityHub.TestKit;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace ActivityHub.Conformance.Access;

/// <summary>
/// Counts a hub's database requests: EF Core's commands, from its diagnostic events, and each call of the log, which uses hand-written SQL.
/// </summary>
internal sealed class CountedStatements : IObserver<DiagnosticListener>, IObserver<KeyValuePair<string, object?>>, IDisposable
{
    private readonly List<IDisposable> _watching = [];
    private string _database = "";
    private long _count;

    public CountedStatements() => _watching.Add(DiagnosticListener.AllListeners.Subscribe(this));

    public long Count => Interlocked.Read(ref _count);

    /// <summary>Wraps the log of a hub that is about to start.</summary>
    public void CountLogOf(IServiceCollection services)
    {
        var log = services.Last(service => service.ServiceType == typeof(IFeedLog));
        services.Replace(ServiceDescriptor.Singleton(provider =>
        {
            var counted = DispatchProxy.Create<IFeedLog, Before>();
            ((Before)(object)counted).Asked = () => Interlocked.Increment(ref _count);
            ((Before)(object)counted).Log = (IFeedLog)ActivatorUtilities.CreateInstance(provider, log.ImplementationType!);
            return counted;
        }));
    }

    /// <summary>Counts only the commands to this hub's database, not to other databases of the process.</summary>
    public void CountOf(HubApp hub) => _database = hub.LedgerConnectionString is { } ledger
        ? new Npgsql.NpgsqlConnectionStringBuilder(ledger).Database!
        : hub.DataDirectory;

    public void OnNext(DiagnosticListener value)
    {
        if (value.Name == DbLoggerCategory)
        {
            _watching.Add(value.Subscribe(this));
        }
    }

    public void OnNext(KeyValuePair<string, object?> value)
    {
        if (value.Value is CommandExecutedEventData told && _database.Length > 0 &&
            (told.Command.Connection!.Database == _database ||
                told.Command.Connection.DataSource.StartsWith(_database, StringComparison.Ordinal)))
        {
            Interlocked.Increment(ref _count);
        }
    }

    public void OnCompleted()
    {
        // The listener ends with the process.
    }

    public void OnError(Exception error)
    {
        // The source reports no errors.
    }

    public void Dispose() => _watching.ForEach(one => one.Dispose());

    private const string DbLoggerCategory = "Microsoft.EntityFrameworkCore";

    /// <summary>The real log behind a counter.</summary>
#pragma warning disable CA1852 // A proxy is a class of the framework's making below this one.
    public class Before : DispatchProxy
#pragma warning restore CA1852
    {
        public IFeedLog? Log { get; set; }

        public Action? Asked { get; set; }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            Asked!();
            return targetMethod!.Invoke(Log, BindingFlags.DoNotWrapExceptions, null, args, null);
        }
    }
}
