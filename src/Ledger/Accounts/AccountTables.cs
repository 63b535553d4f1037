using ActivityHub.Ledger.Storage;
using Microsoft.EntityFrameworkCore;

namespace ActivityHub.Ledger.Accounts;

/// <summary>The tables of this folder.</summary>
public static class AccountTables
{
    extension(LedgerContext context)
    {
        public DbSet<Account> Accounts => context.Set<Account>();

        public DbSet<AccountToken> AccountTokens => context.Set<AccountToken>();

        public DbSet<AccountPasskey> Passkeys => context.Set<AccountPasskey>();

        public DbSet<SignInFailures> SignInFailures => context.Set<SignInFailures>();

        public DbSet<MailThrottle> MailThrottles => context.Set<MailThrottle>();
    }
}
