using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ActivityHub.Ledger.Accounts;

/// <summary>
/// Records that a mail of one purpose to one address was requested, and when, for all processes. The address is not in it. The number of
/// subjects is fixed, so that strangers cannot fill the table; two addresses with the same subject share its limit.
/// </summary>
public sealed class MailThrottle
{
    private MailThrottle()
    {
    }

    /// <summary>Drawn from purpose and address by a keyed hash.</summary>
    public long Subject { get; private set; }

    public DateTimeOffset AskedAt { get; private set; }

    public static MailThrottle Ask(long subject, DateTimeOffset now) => new() { Subject = subject, AskedAt = now };
}

internal sealed class MailThrottleMapping : IEntityTypeConfiguration<MailThrottle>
{
    public void Configure(EntityTypeBuilder<MailThrottle> builder)
    {
        builder.ToTable("mail_throttles");
        builder.HasKey(row => row.Subject);
        builder.Property(row => row.Subject).ValueGeneratedNever();
        // Old rows are removed by their time.
        builder.HasIndex(row => row.AskedAt);
    }
}
