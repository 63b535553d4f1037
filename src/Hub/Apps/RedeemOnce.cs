using System.Buffers;
using System.Text.Json;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace ActivityHub.Hub.Apps;

/// <summary>
/// Redeems the presented token as the last step before the answer is written. Until then only tokens that no client has yet are changed;
/// afterwards either this answer counts or the one of the first request.
/// </summary>
internal sealed class RedeemOnce(TokenRedemption redemption) : IOpenIddictServerHandler<ApplyTokenResponseContext>
{
    public async ValueTask HandleAsync(ApplyTokenResponseContext context)
    {
        var isRefresh = context.Request?.IsRefreshTokenGrantType() == true;
        if (context.Error is not null || (isRefresh ? context.Request?.RefreshToken : context.Request?.Code) is not { } token)
        {
            return;
        }

        var response = context.Response;
        var issued = new[] { response.AccessToken, response.RefreshToken }.OfType<string>().ToList();
        switch (await redemption.RedeemAsync(token, isRefresh, Write(response), issued, context.CancellationToken))
        {
            case Redeemed.Again again:
                Replace(response, Read(again.Answer));
                break;
            case Redeemed.Spent:
                Replace(response, new OpenIddictResponse
                {
                    Error = OpenIddictConstants.Errors.InvalidGrant,
                    ErrorDescription = isRefresh ? "The refresh token has been used before." : "The code has been used before.",
                });
                break;
        }
    }

    private static byte[] Write(OpenIddictResponse response)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(buffer))
        {
            response.WriteTo(json);
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static OpenIddictResponse Read(byte[] answer)
    {
        using var json = JsonDocument.Parse(answer);
        return new OpenIddictResponse(json.RootElement.Clone());
    }

    private static void Replace(OpenIddictResponse response, OpenIddictResponse by)
    {
        // What both have is overwritten in its place, so that the same answer is the same bytes.
        var kept = by.GetParameters().Select(parameter => parameter.Key).ToHashSet(StringComparer.Ordinal);
        foreach (var name in response.GetParameters().Select(parameter => parameter.Key).Where(name => !kept.Contains(name)).ToList())
        {
            response.RemoveParameter(name);
        }

        foreach (var (name, value) in by.GetParameters())
        {
            response.SetParameter(name, value);
        }
    }
}
