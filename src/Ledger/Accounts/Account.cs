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

    /// <summary>The address as it is compared: upper case, unique.</summary>
    public string NormalizedEmail { get; private set; } = "";

    /// <summary>As ASP.NET Core Identity's hasher made it.</summary>
    public string PasswordHash { get; private set; } = "";

    /// <summary>May see the dashboard of the chores. The first account of an installation is one.</summary>
    public bool IsAdministrator { get; private set; }

    public DateTimeOffset CreatedAt { get; private set; }

    public static Account SignUp(string email, string passwordHash, bool isAdministrator, DateTimeOffset now) => new()
    {
        Id = OpaqueId.New(),
        Email = email,
        NormalizedEmail = Normalize(email),
        PasswordHash = passwordHash,
        IsAdministrator = isAdministrator,
        CreatedAt = now,
    };

    public static string Normalize(string email) => email.Trim().ToUpperInvariant();
}

internal sealed class AccountMapping : IEntityTypeConfiguration<Account>
{
    public void Configure(EntityTypeBuilder<Account> builder)
    {
        builder.ToTable("accounts");
        builder.Property(account => account.Id).ValueGeneratedNever();
        builder.Property(account => account.Email).HasMaxLength(Account.MaxEmailLength);
        builder.Property(account => account.NormalizedEmail).HasMaxLength(Account.MaxEmailLength);
        builder.HasIndex(account => account.NormalizedEmail).IsUnique();
    }
}
