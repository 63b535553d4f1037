using System.Security.Cryptography;
using ActivityHub.Ledger;
using ActivityHub.Ledger.Keys;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Tokens;
using OpenIddict.Server;

namespace ActivityHub.Hub.Apps;

/// <summary>
/// Who the server is, and the keys that it must have. They are derived from the ledger's root key, so that all nodes have the same ones and
/// no file holds them. Nothing that it hands out is made with them: codes and tokens are references to rows that Data Protection seals, and
/// there are no identity tokens.
/// </summary>
internal sealed class OAuthKeys(IOptions<HubOptions> hub, RootKey root) : IConfigureOptions<OpenIddictServerOptions>
{
    public void Configure(OpenIddictServerOptions options)
    {
        options.Issuer = hub.Value.PublicUrl;
        options.EncryptionCredentials.Add(new EncryptingCredentials(
            new SymmetricSecurityKey(root.OAuthKey("encryption")), SecurityAlgorithms.Aes256KW, SecurityAlgorithms.Aes256CbcHmacSha512));
        options.SigningCredentials.Add(new SigningCredentials(
            new ECDsaSecurityKey(ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = root.OAuthKey("signing") })),
            SecurityAlgorithms.EcdsaSha256));
    }
}
