using ActivityHub.Ledger.Start;
using ActivityHub.Ledger.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;
using Npgsql;

namespace ActivityHub.Migrations.Postgres;

/// <summary>Lets <c>dotnet ef</c> make migrations; no database is asked.</summary>
internal sealed class DesignTime : IDesignTimeDbContextFactory<LedgerContext>
{
    public LedgerContext CreateDbContext(string[] args)
    {
        var options = new DbContextOptionsBuilder<LedgerContext>();
        options.UseLedgerPostgres(NpgsqlDataSource.Create("Host=localhost;Database=design"));
        return new LedgerContext(options.Options);
    }
}
