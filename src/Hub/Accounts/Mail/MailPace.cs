using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using ActivityHub.Ledger.Accounts;
using ActivityHub.Ledger.Keys;
using ActivityHub.Ledger.Storage;
using Microsoft.EntityFrameworkCore;

namespace ActivityHub.Hub.Accounts.Mail;

/// <summary>
/// Limits mails of one purpose to one in ten minutes for each address, from all networks together, so that no client fills a mailbox.
/// Stored in the ledger, so that it applies to all processes and survives a restart.
/// </summary>
internal sealed class MailPace(LedgerWriter writer, RootKey root, TimeProvider time)
{
    private const int Subjects = 1 << 20;
    private static readonly TimeSpan BetweenMails = TimeSpan.FromMinutes(10);

    /// <summary>True where a mail may be sent, which is noted; the work is the same whether the address has an account or not.</summary>
    public async Task<bool> TryTakeAsync(string purpose, string normalizedEmail, CancellationToken cancellationToken)
    {
        var subject = SubjectOf(purpose, normalizedEmail);
        try
        {
            await writer.WriteAsync(
                async context =>
                {
                    var now = time.GetUtcNow();
                    var over = now - BetweenMails;
                    await context.MailThrottles.Where(row => row.AskedAt <= over).ExecuteDeleteAsync(cancellationToken);
                    context.Add(MailThrottle.Ask(subject, now));
                    await context.SaveChangesAsync(cancellationToken);
                },
                cancellationToken);
            return true;
        }
        catch (DbUpdateException exception) when (DatabaseFault.IsDuplicate(exception))
        {
            // Another request was a moment ago, perhaps at this very moment in another process.
            return false;
        }
    }

    // Keyed, so that outsiders cannot find two addresses that share a row.
    private long SubjectOf(string purpose, string normalizedEmail)
    {
        var hash = HMACSHA256.HashData(root.FailureKey(), Encoding.UTF8.GetBytes($"{purpose}\n{normalizedEmail}"));
        return (long)(BinaryPrimitives.ReadUInt64BigEndian(hash) % Subjects);
    }
}
