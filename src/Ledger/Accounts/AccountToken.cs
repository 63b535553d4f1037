using ActivityHub.Ledger.Access;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ActivityHub.Ledger.Accounts;

/// <summary>A bearer token of an account: kept as its hash, shown once.</summary>
public sealed class AccountToken
{
    private AccountToken()
    {
    }

    public byte[] Hash { get; private set; } = [];

    public long AccountId { get; private set; }

    public DateTimeOffset CreatedAt { get; private set; }

    public static AccountToken For(Account account, AccessKey key, DateTimeOffset now) => new()
    {
        Hash = key.Hash,
        AccountId = account.Id,
        CreatedAt = now,
    };
}

internal sealed class AccountTokenMapping : IEntityTypeConfiguration<AccountToken>
{
    public void Configure(EntityTypeBuilder<AccountToken> builder)
    {
        builder.ToTable("account_tokens");
        builder.HasKey(token => token.Hash);
        builder.Property(token => token.Hash).ValueGeneratedNever();
        builder.HasIndex(token => token.AccountId);
        builder.HasOne<Account>().WithMany().HasForeignKey(token => token.AccountId).OnDelete(DeleteBehavior.Cascade);
    }
}
