using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ActivityHub.Ledger.Accounts;

/// <summary>
/// That a mail of one purpose was asked for to one address, and when: for all processes. The address is not in it. There is a fixed number of subjects, so
/// that strangers cannot fill the table; two addresses that share one share its pace.
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
        // What is old is removed by its time.
        builder.HasIndex(row => row.AskedAt);
    }
}
