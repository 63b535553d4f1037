using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ActivityHub.Ledger.Accounts;

/// <summary>A person (or a team) who owns devices.</summary>
public sealed class Account
{
    public const int MaxEmailLength = 254;

    private Account()
    {
    }

    public long Id { get; private set; }

    public string Email { get; private set; } = "";

    /// <summary>The address as it is compared (<see cref="EmailAddress.Comparable"/>), unique.</summary>
    public string NormalizedEmail { get; private set; } = "";

    /// <summary>As ASP.NET Core Identity's hasher made it.</summary>
    public string PasswordHash { get; private set; } = "";

    /// <summary>
    /// Changes with the password: everything begun under another stamp (a sign-in in progress, a link in a mail) is void.
    /// </summary>
    public string SecurityStamp { get; private set; } = "";

    /// <summary>The time when the owner proved to read the address's mail; null where that has not happened or was not required.</summary>
    public DateTimeOffset? EmailConfirmedAt { get; private set; }

    /// <summary>May see and change what concerns all accounts.</summary>
    public bool IsAdministrator { get; private set; }

    public DateTimeOffset CreatedAt { get; private set; }

    public static Account SignUp(string email, string passwordHash, bool isAdministrator, DateTimeOffset now)
    {
        var account = new Account
        {
            Id = OpaqueId.New(),
            Email = EmailAddress.Shown(email),
            NormalizedEmail = Normalize(email),
            IsAdministrator = isAdministrator,
            CreatedAt = now,
        };
        account.ChangePassword(passwordHash);
        return account;
    }

    public void ChangePassword(string passwordHash)
    {
        PasswordHash = passwordHash;
        SecurityStamp = RandomId.New().ToString("N");
    }

    public void ChangeRole(bool isAdministrator) => IsAdministrator = isAdministrator;

    /// <summary>The first proof counts.</summary>
    public void ConfirmEmail(DateTimeOffset now) => EmailConfirmedAt ??= now;

    public static string Normalize(string email) => EmailAddress.Comparable(email);
}

internal sealed class AccountMapping : IEntityTypeConfiguration<Account>
{
    public void Configure(EntityTypeBuilder<Account> builder)
    {
        builder.ToTable("accounts");
        builder.Property(account => account.Id).ValueGeneratedNever();
        builder.Property(account => account.Email).HasMaxLength(Account.MaxEmailLength);
        builder.Property(account => account.NormalizedEmail).HasMaxLength(Account.MaxEmailLength);
        builder.Property(account => account.SecurityStamp).HasMaxLength(32);
        builder.HasIndex(account => account.NormalizedEmail).IsUnique();
    }
}
