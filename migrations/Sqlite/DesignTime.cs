using ActivityHub.Ledger.Start;
using ActivityHub.Ledger.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace ActivityHub.Migrations.Sqlite;

/// <summary>Lets <c>dotnet ef</c> make migrations; no database is asked.</summary>
internal sealed class DesignTime : IDesignTimeDbContextFactory<LedgerContext>
{
    public LedgerContext CreateDbContext(string[] args)
    {
        var options = new DbContextOptionsBuilder<LedgerContext>();
        options.UseLedgerSqlite("Data Source=:memory:");
        return new LedgerContext(options.Options);
    }
}
