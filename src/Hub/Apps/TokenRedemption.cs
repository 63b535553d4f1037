using ActivityHub.Ledger.Apps;
using ActivityHub.Ledger.Storage;
using Microsoft.EntityFrameworkCore;
using OpenIddict.Abstractions;

namespace ActivityHub.Hub.Apps;

/// <summary>The result of redeeming a code or a refresh token.</summary>
internal abstract record Redeemed
{
    private Redeemed()
    {
    }

    /// <summary>This request is the one that redeemed it: its answer counts.</summary>
    public sealed record First : Redeemed;

    /// <summary>Another request redeemed it a moment ago; its answer is this one's too.</summary>
    /// <param name="Answer">The JSON that it was answered.</param>
    public sealed record Again(byte[] Answer) : Redeemed;

    /// <summary>It is worth nothing any more.</summary>
    public sealed record Spent : Redeemed;
}

/// <summary>
/// Redeems codes and refresh tokens: of several requests with the same token, at once or one after the other, on any node, one redeems it.
/// The claim is one conditional update in the transaction that stores the answer; the tokens prepared by the other requests are removed.
/// </summary>
internal sealed class TokenRedemption(LedgerWriter writer, TimeProvider time)
{
    /// <summary>
    /// For how long a refresh token that was redeemed leads to the same answer: long enough for an app that lost it on the way.
    /// </summary>
    public static readonly TimeSpan Leeway = TimeSpan.FromSeconds(30);

    /// <param name="token">The code or refresh token that was presented.</param>
    /// <param name="isRefresh">Whether the same answer may be given again; a code is good for one.</param>
    /// <param name="answer">The JSON that would be answered.</param>
    /// <param name="issued">The tokens in it.</param>
    /// <param name="cancellationToken">Ends it without a change.</param>
    public Task<Redeemed> RedeemAsync(
        string token, bool isRefresh, byte[] answer, IReadOnlyList<string> issued, CancellationToken cancellationToken) =>
        writer.WriteAsync<Redeemed>(
            async context =>
            {
                var (reference, now) = (AppAccess.ReferenceOf(token), time.NowAsStored());
                if (await context.AppTokens.Where(row => row.ReferenceId == reference && row.Status == OpenIddictConstants.Statuses.Valid)
                    .ExecuteUpdateAsync(
                    set =>
                        set.SetProperty(row => row.Status, OpenIddictConstants.Statuses.Redeemed)
                            .SetProperty(row => row.RedemptionDate, now.UtcDateTime)
                            .SetProperty(row => row.ConcurrencyToken, Guid.NewGuid().ToString()), cancellationToken) == 1)
                {
                    var consent = await context.AppTokens.Where(row => row.ReferenceId == reference).Select(row => row.Authorization!.Id!)
                        .FirstAsync(cancellationToken);
                    if (isRefresh)
                    {
                        context.Add(AppTokenSuccessor.Of(token, consent, answer, now));
                        await context.SaveChangesAsync(cancellationToken);
                    }

                    return new Redeemed.First();
                }

                var mine = issued.Select(AppAccess.ReferenceOf).ToList();
                await context.AppTokens.Where(row => mine.Contains(row.ReferenceId!)).ExecuteDeleteAsync(cancellationToken);
                var since = now - Leeway;
                return await context.AppTokenSuccessors.AsNoTracking()
                    .FirstOrDefaultAsync(row => row.ReferenceId == reference && row.At > since, cancellationToken)
                    is { } successor && successor.Open(token) is { } given
                        ? new Redeemed.Again(given)
                        : new Redeemed.Spent();
            },
            cancellationToken);
}
