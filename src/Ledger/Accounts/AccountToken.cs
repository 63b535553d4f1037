using System.Buffers.Binary;
using ActivityHub.Ledger.Keys;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ActivityHub.Ledger.Accounts;

/// <summary>
/// A credential from a sign-in: a bearer token, or the session of a browser. Stored as its hash, shown once, and ended by removing the row.
/// </summary>
public sealed class AccountToken
{
    public const int MaxNameLength = 100;

    private AccountToken()
    {
    }

    public byte[] Hash { get; private set; } = [];

    public long AccountId { get; private set; }

    /// <summary>A browser's, which carries it in a cookie; the API takes no such key.</summary>
    public bool IsSession { get; private set; }

    /// <summary>What its owner called it; of a session, what the browser called itself.</summary>
    public string? Name { get; private set; }

    public DateTimeOffset CreatedAt { get; private set; }

    /// <summary>The beginning of the hour in which it was last used; null where it has not been since this is kept.</summary>
    public DateTimeOffset? LastUsedAt { get; private set; }

    /// <summary>The id in lists: the beginning of its hash. That reveals nothing of 256 random bits, and saves a column.</summary>
    public long Id => IdOf(Hash);

    public static AccountToken For(Account account, AccessKey key, DateTimeOffset now, string? name = null) => new()
    {
        Hash = key.Hash,
        AccountId = account.Id,
        Name = name,
        CreatedAt = now,
        LastUsedAt = HourOf(now),
    };

    public static AccountToken Session(Account account, AccessKey key, DateTimeOffset now, string? name)
    {
        var session = For(account, key, now, name);
        session.IsSession = true;
        return session;
    }

    public static long IdOf(ReadOnlySpan<byte> hash) => BinaryPrimitives.ReadInt64BigEndian(hash) & ((1L << 60) - 1);

    /// <summary>To the hour: finer would be a write with each request, and a diary of its owner.</summary>
    public static DateTimeOffset HourOf(DateTimeOffset time) => time.ToUniversalTime().AddTicks(-(time.UtcTicks % TimeSpan.TicksPerHour));
}

internal sealed class AccountTokenMapping : IEntityTypeConfiguration<AccountToken>
{
    public void Configure(EntityTypeBuilder<AccountToken> builder)
    {
        builder.ToTable("account_tokens");
        builder.HasKey(token => token.Hash);
        builder.Property(token => token.Hash).ValueGeneratedNever();
        builder.Ignore(token => token.Id);
        builder.Property(token => token.Name).HasMaxLength(AccountToken.MaxNameLength);
        builder.HasIndex(token => token.AccountId);
        builder.HasOne<Account>().WithMany().HasForeignKey(token => token.AccountId).OnDelete(DeleteBehavior.Cascade);
    }
}
