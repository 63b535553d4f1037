using ActivityHub.Ledger.Access;
using ActivityHub.Ledger.Storage;
using ActivityHub.Ledger.Updates;
using Microsoft.EntityFrameworkCore;

namespace ActivityHub.FeedApi.Intake;

/// <summary>The result of replaying a rejected message.</summary>
/// <param name="Accepted">The number of new updates.</param>
/// <param name="Duplicates">The number of updates that were already stored.</param>
/// <param name="Fault">The reason why the message still cannot be stored. Null where it was stored and removed from the rejected log, or
/// where <paramref name="RetryAfter"/> is set.</param>
/// <param name="RetryAfter">Set where the append was not possible now: the message stays in the rejected log, and can be replayed after
/// this time.</param>
public sealed record ReplayOutcome(int Accepted, int Duplicates, string? Fault, TimeSpan? RetryAfter);

/// <summary>Reads a rejected message again: after an update of the hub, or after the owner has changed a setting.</summary>
public sealed class RejectedReplay
{
    private readonly DeviceAccess _access;
    private readonly PhoneFormats _formats;
    private readonly PhoneIntake _intake;
    private readonly LedgerWriter _writer;

    internal RejectedReplay(DeviceAccess access, PhoneFormats formats, PhoneIntake intake, LedgerWriter writer)
    {
        (_access, _formats, _intake, _writer) = (access, formats, intake, writer);
    }

    /// <summary>Replays a rejected message. Returns null where the device no longer exists.</summary>
    public async Task<ReplayOutcome?> ReplayAsync(long deviceId, RejectedMessage kept, CancellationToken cancellationToken)
    {
        if (!kept.IsWhole)
        {
            return new ReplayOutcome(0, 0, $"Only {kept.Body.Length} of its {kept.Length} bytes were kept: it cannot be read again.", null);
        }

        if (await _access.OfDeviceAsync(deviceId, cancellationToken) is not { } decision)
        {
            return null;
        }

        using var request = PhoneRequest.Replay(kept, decision.Rules);
        var format = _formats.Find(kept.Format) ?? _formats.Recognise(request);
        var reading = _intake.Read(format, request);
        if (reading.Excess is not null || reading.Rejected.Count > 0)
        {
            var fault = reading.Excess ?? reading.Rejected[0].Reason;
            await ChangeAsync(kept, row => row.FailAgain(fault));
            return new ReplayOutcome(0, 0, fault, null);
        }

        switch (await _intake.AppendAsync(
            decision, () => new(_access.OfDeviceAsync(deviceId, CancellationToken.None)), format, request, reading))
        {
            case AppendOutcome.Appended appended:
                await ChangeAsync(kept, null);
                return new ReplayOutcome(appended.Stored, appended.Duplicates, null, null);
            case AppendOutcome.Refused refused:
                return new ReplayOutcome(0, 0, refused.Reason, null);
            case AppendOutcome.Unavailable unavailable:
                return new ReplayOutcome(0, 0, null, unavailable.RetryAfter);
            default:
                return null;
        }
    }

    // Not cancelled: a message whose updates are stored is removed from the rejected log, even if the caller has disconnected.
    private Task ChangeAsync(RejectedMessage kept, Action<RejectedMessage>? change) => _writer.WriteAsync(
        async context =>
        {
            var row = await context.RejectedMessages.FirstOrDefaultAsync(
                found => found.Bucket == kept.Bucket && found.FeedId == kept.FeedId && found.Id == kept.Id);
            if (row is not null)
            {
                if (change is null)
                {
                    context.Remove(row);
                }

                change?.Invoke(row);
                await context.SaveChangesAsync();
            }
        },
        CancellationToken.None);
}
