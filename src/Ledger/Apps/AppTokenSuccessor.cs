using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ActivityHub.Ledger.Apps;

/// <summary>
/// What the token endpoint answered to a refresh token, for a short while: an app whose answer was lost on the way gets the very same one again. It is
/// sealed by a key that is derived from the refresh token, of which the ledger has the hash alone: the row opens nothing for who reads the database.
/// </summary>
public sealed class AppTokenSuccessor
{
    private AppTokenSuccessor()
    {
    }

    /// <summary>The refresh token's, as <see cref="AppAccess.ReferenceOf"/> gives it.</summary>
    public string ReferenceId { get; private set; } = "";

    public string ConsentId { get; private set; } = "";

    public byte[] Answer { get; private set; } = [];

    public DateTimeOffset At { get; private set; }

    public static AppTokenSuccessor Of(string token, string consentId, byte[] answer, DateTimeOffset now) =>
        new() { ReferenceId = AppAccess.ReferenceOf(token), ConsentId = consentId, Answer = TokenSeal.Seal(token, answer), At = now };

    /// <summary>Null where the token is not the one that it was sealed by.</summary>
    public byte[]? Open(string token) => TokenSeal.Open(token, Answer);
}

internal sealed class AppTokenSuccessorMapping : IEntityTypeConfiguration<AppTokenSuccessor>
{
    public void Configure(EntityTypeBuilder<AppTokenSuccessor> builder)
    {
        builder.ToTable("app_token_successors");
        builder.HasKey(row => row.ReferenceId);
        builder.HasIndex(row => row.At);
        builder.HasIndex(row => row.ConsentId);
        builder.HasOne<AppConsent>().WithMany().HasForeignKey(row => row.ConsentId).OnDelete(DeleteBehavior.Cascade);
    }
}
