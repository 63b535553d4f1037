using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ActivityHub.Ledger.Accounts;

/// <summary>A passkey (WebAuthn) of an account: its public half, which is no secret.</summary>
public sealed class AccountPasskey
{
    public const int MaxNameLength = 100;

    private AccountPasskey()
    {
    }

    /// <summary>As the authenticator chose it; up to 1,023 bytes.</summary>
    public byte[] CredentialId { get; private set; } = [];

    public long AccountId { get; private set; }

    public string? Name { get; private set; }

    /// <summary>COSE key.</summary>
    public byte[] PublicKey { get; private set; } = [];

    /// <summary>Rises with each use, where the authenticator counts at all: one that falls is a copy.</summary>
    public long SignCount { get; private set; }

    /// <summary>How the browser may reach the authenticator: words of WebAuthn, separated by commas.</summary>
    public string? Transports { get; private set; }

    public bool IsUserVerified { get; private set; }

    public bool IsBackupEligible { get; private set; }

    public bool IsBackedUp { get; private set; }

    public DateTimeOffset CreatedAt { get; private set; }

    /// <summary>The beginning of the hour in which it last opened the account.</summary>
    public DateTimeOffset? LastUsedAt { get; private set; }

    public static AccountPasskey Register(long accountId, byte[] credentialId, byte[] publicKey, string? transports, DateTimeOffset now) =>
        new()
        {
            CredentialId = credentialId,
            AccountId = accountId,
            PublicKey = publicKey,
            Transports = transports,
            CreatedAt = now,
        };

    public void Rename(string? name) => Name = name;

    /// <summary>What the authenticator said of itself at this use.</summary>
    public void Note(uint signCount, bool isUserVerified, bool isBackupEligible, bool isBackedUp)
    {
        SignCount = signCount;
        IsUserVerified = isUserVerified;
        IsBackupEligible = isBackupEligible;
        IsBackedUp = isBackedUp;
    }

    public void Use(DateTimeOffset now) => LastUsedAt = AccountToken.HourOf(now);
}

internal sealed class AccountPasskeyMapping : IEntityTypeConfiguration<AccountPasskey>
{
    public void Configure(EntityTypeBuilder<AccountPasskey> builder)
    {
        builder.ToTable("account_passkeys");
        builder.HasKey(passkey => passkey.CredentialId);
        builder.Property(passkey => passkey.CredentialId).ValueGeneratedNever();
        builder.Property(passkey => passkey.Name).HasMaxLength(AccountPasskey.MaxNameLength);
        builder.Property(passkey => passkey.Transports).HasMaxLength(200);
        builder.HasIndex(passkey => passkey.AccountId);
        builder.HasOne<Account>().WithMany().HasForeignKey(passkey => passkey.AccountId).OnDelete(DeleteBehavior.Cascade);
    }
}
