using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ActivityHub.Ledger.Apps;

/// <summary>
/// The token endpoint's answer to a refresh token, for a short time: an app that lost the answer gets the same one again. It is encrypted
/// with a key derived from the refresh token, of which the ledger has only the hash: a reader of the database cannot open it.
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
