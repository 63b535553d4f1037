using ActivityHub.Ledger.Storage;
using Microsoft.EntityFrameworkCore;

namespace ActivityHub.Ledger.Grants;

/// <summary>The tables of this folder.</summary>
public static class GrantTables
{
    extension(LedgerContext context)
    {
        public DbSet<Grant> Grants => context.Set<Grant>();
    }
}
