using ActivityHub.Ledger.Storage;
using Microsoft.EntityFrameworkCore;

namespace ActivityHub.Ledger.Keys;

/// <summary>The tables of this folder.</summary>
internal static class KeyTables
{
    extension(LedgerContext context)
    {
        public DbSet<StoredKey> Keys => context.Set<StoredKey>();
    }
}
