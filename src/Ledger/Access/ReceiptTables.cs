using ActivityHub.Ledger.Storage;
using Microsoft.EntityFrameworkCore;

namespace ActivityHub.Ledger.Access;

/// <summary>The tables of this folder.</summary>
public static class ReceiptTables
{
    extension(LedgerContext context)
    {
        public DbSet<Receipt> Receipts => context.Set<Receipt>();
    }
}
