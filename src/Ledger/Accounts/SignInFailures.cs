using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ActivityHub.Ledger.Accounts;

/// <summary>
/// Counts wrong passwords in a row. An address without an account is counted like one with an account, in one of a fixed number of rows:
/// neither the answer nor its cost distinguishes them, and strangers cannot fill the table.
/// </summary>
public sealed class SignInFailures
{
    private SignInFailures()
    {
    }

    /// <summary>An account's id, or a number below zero that many unknown addresses share.</summary>
    public long Subject { get; private set; }

    public int InARow { get; private set; }

    public DateTimeOffset LastAt { get; private set; }

    public DateTimeOffset? LockedUntil { get; private set; }

    public static SignInFailures First(long subject, DateTimeOffset now) => new() { Subject = subject, InARow = 1, LastAt = now };
}

internal sealed class SignInFailuresMapping : IEntityTypeConfiguration<SignInFailures>
{
    public void Configure(EntityTypeBuilder<SignInFailures> builder)
    {
        builder.ToTable("sign_in_failures");
        builder.HasKey(row => row.Subject);
        builder.Property(row => row.Subject).ValueGeneratedNever();
        // Old rows are removed by their time.
        builder.HasIndex(row => row.LastAt);
    }
}
