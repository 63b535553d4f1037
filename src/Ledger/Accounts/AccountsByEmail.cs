using Microsoft.EntityFrameworkCore;

namespace ActivityHub.Ledger.Accounts;

/// <summary>Finds accounts by their address, also in the form in which an earlier version stored it.</summary>
public static class AccountsByEmail
{
    public static async Task<Account?> FindByEmailAsync(
        this IQueryable<Account> accounts, string email, CancellationToken cancellationToken)
    {
        var forms = EmailAddress.ComparableForms(email);
        if (forms is [var only])
        {
            return await accounts.FirstOrDefaultAsync(row => row.NormalizedEmail == only, cancellationToken);
        }

        var found = await accounts.Where(row => forms.Contains(row.NormalizedEmail)).ToListAsync(cancellationToken);
        return forms.Select(form => found.Find(row => row.NormalizedEmail == form)).FirstOrDefault(row => row is not null);
    }
}
