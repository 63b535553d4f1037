namespace ActivityHub.Conformance.Access;

/// <summary>A route's entry: its rule, and a JSON body that is valid for an actor with access.</summary>
internal sealed record Place(Rule Rule, string? Json = null);

/// <summary>
/// Every route of the hub and who may use it. A route without an entry fails the matrix: the author of a route adds its entry.
/// </summary>
internal static class AccessTable
{
    public static IReadOnlyDictionary<string, Place> Places { get; } = new Dictionary<string, Place>(StringComparer.Ordinal)
    {
        // Phones.
        ["POST /feeds/{feed}/updates"] = new(Rule.Phone, """{"kind":"battery"}"""),
        // The key in the address decides.
        ["POST /i/{ingestKey}"] = new(Rule.Anybody, """{"kind":"battery"}"""),
        ["PUT /i/{ingestKey}"] = new(Rule.Anybody, """{"kind":"battery"}"""),
        ["GET /i/{ingestKey}"] = new(Rule.Anybody),
        ["POST /i/{ingestKey}/{phoneFormat}"] = new(Rule.Anybody, """{"battery":47}"""),
        ["PUT /i/{ingestKey}/{phoneFormat}"] = new(Rule.Anybody, """{"battery":47}"""),
        ["GET /i/{ingestKey}/{phoneFormat}"] = new(Rule.Anybody),

        // Messages to a phone.
        ["GET /devices/{device}/inbox"] = new(Rule.Phone),
        ["POST /devices/{device}/inbox/acknowledged"] = new(Rule.Phone, """{"ids":["000000000001"]}"""),
        ["POST /devices/{device}/push"] = new(Rule.Phone, "{}"),
        // With access: there is no push endpoint of that id.
        ["DELETE /devices/{device}/push/{push}"] = new(Rule.PhoneAbsent),
        // A public key.
        ["GET /push/key"] = new(Rule.Anybody),
        ["POST /api/feeds/{feed}/messages"] = new(Rule.Repliers, """{"text":"hello"}"""),
        ["OPTIONS /api/feeds/{feed}/messages"] = new(Rule.Anybody),
        ["OPTIONS /api/feeds/{feed}/messages/{message}"] = new(Rule.Anybody),
        ["GET /api/feeds/{feed}/messages"] = new(Rule.Repliers),
        // No message exists yet.
        ["GET /api/feeds/{feed}/messages/{message}"] = new(Rule.NoneOfThem),
        ["DELETE /api/feeds/{feed}/messages/{message}"] = new(Rule.NoneOfThem),

        // Readers.
        ["GET /feeds/{feed}.{format}"] = new(Rule.Readers),
        ["HEAD /feeds/{feed}.{format}"] = new(Rule.Readers),
        ["GET /feeds/{feed}/updates/{position}"] = new(Rule.Readers),
        ["HEAD /feeds/{feed}/updates/{position}"] = new(Rule.Readers),
        ["GET /feeds/{feed}/stream"] = new(Rule.Readers),
        // Redirects to a format, for any well-formed id.
        ["GET /feeds/{feed}"] = new(Rule.Anybody),
        ["HEAD /feeds/{feed}"] = new(Rule.Anybody),
        ["OPTIONS /feeds/{feed}.{format}"] = new(Rule.Anybody),
        ["OPTIONS /feeds/{feed}"] = new(Rule.Anybody),
        ["OPTIONS /feeds/{feed}/updates/{position}"] = new(Rule.Anybody),
        ["OPTIONS /feeds/{feed}/stream"] = new(Rule.Anybody),

        // Subscribers.
        ["POST /hub"] = new(Rule.Anybody),
        ["GET /hub/requests/{request}"] = new(Rule.NoneOfThem),
        ["GET /subscriptions/{subscription}/"] = new(Rule.NoneOfThem),
        ["POST /subscriptions/{subscription}/redeliver"] = new(Rule.NoneOfThem),
        ["POST /subscriptions/{subscription}/resume"] = new(Rule.NoneOfThem),

        // Accounts.
        ["POST /api/accounts"] = new(Rule.Anybody, "{}"),
        ["POST /api/tokens"] = new(Rule.Anybody, "{}"),
        ["GET /api/tokens"] = new(Rule.Accounts),
        ["DELETE /api/tokens/{token}"] = new(Rule.ItsOwner),
        ["POST /api/account/password"] = new(Rule.Accounts, "{}"),
        ["POST /api/account/confirmation"] = new(Rule.Accounts),
        ["GET /api/account/export"] = new(Rule.Accounts),
        ["DELETE /api/account"] = new(Rule.Accounts, "{}"),
        ["GET /api/notices"] = new(Rule.Accounts),
        ["GET /api/receipts"] = new(Rule.Accounts),
        ["GET /api/receipts.atom"] = new(Rule.Accounts),
        ["GET /api/receipts.json"] = new(Rule.Accounts),

        // The owner's resources.
        ["POST /api/devices"] = new(Rule.Accounts, """{"name":"phone"}"""),
        ["GET /api/devices"] = new(Rule.Accounts),
        ["PATCH /api/devices/{device}"] = new(Rule.ItsOwner, """{"name":"another"}"""),
        ["GET /api/devices/{device}"] = new(Rule.ItsOwner),
        ["DELETE /api/devices/{device}"] = new(Rule.ItsOwner),
        ["GET /api/devices/{device}/rejected"] = new(Rule.ItsOwner),
        ["POST /api/devices/{device}/rejected/{rejected}/replay"] = new(Rule.Absent),
        ["DELETE /api/devices/{device}/rejected/{rejected}"] = new(Rule.Absent),
        ["GET /api/devices/{device}/setup"] = new(Rule.ItsOwner),
        ["GET /api/devices/{device}/setup/{phoneApp}"] = new(Rule.ItsOwner),
        ["POST /api/devices/{device}/key"] = new(Rule.ItsOwner),
        ["PATCH /api/feeds/{feed}"] = new(Rule.ItsOwner, """{"title":"another"}"""),
        ["DELETE /api/feeds/{feed}/updates/{seq}"] = new(Rule.ItsOwner),
        ["POST /api/feeds/{feed}/grants"] = new(Rule.ItsOwner, """{"name":"another"}"""),
        ["GET /api/feeds/{feed}/grants"] = new(Rule.ItsOwner),
        ["PATCH /api/grants/{grant}"] = new(Rule.ItsOwner, """{"name":"another"}"""),
        ["DELETE /api/grants/{grant}"] = new(Rule.ItsOwner),
        ["POST /api/zones"] = new(Rule.Accounts, """{"name":"home","lat":1,"lon":2,"radius":500}"""),
        ["GET /api/zones"] = new(Rule.Accounts),
        ["DELETE /api/zones/{zone}"] = new(Rule.ItsOwner),

        // The subscriptions to the feed.
        ["GET /api/feeds/{feed}/subscriptions"] = new(Rule.ItsOwner),
        ["GET /api/feeds/{feed}/subscriptions/requests"] = new(Rule.ItsOwner),
        ["POST /api/feeds/{feed}/subscriptions"] = new(Rule.ItsOwner, """{"callback":"http://127.0.0.1:9/","secret":"of the webhook"}"""),
        ["GET /api/subscriptions/{subscription}"] = new(Rule.ItsOwner),
        ["DELETE /api/subscriptions/{subscription}"] = new(Rule.ItsOwner),
        ["GET /api/subscriptions/{subscription}/attempts"] = new(Rule.ItsOwner),
        ["GET /api/subscriptions/{subscription}/attempts/{attempt}"] = new(Rule.Absent),
        ["POST /api/subscriptions/{subscription}/replay"] = new(Rule.ItsOwner, """{"from":1}"""),
        ["POST /api/subscriptions/{subscription}/resume"] = new(Rule.ItsOwner),
        ["GET /api/subscriptions/{subscription}/parked"] = new(Rule.ItsOwner),
        ["POST /api/subscriptions/{subscription}/redeliver"] = new(Rule.ItsOwner),
        ["POST /api/subscriptions/{subscription}/parked/{seq}/redeliver"] = new(Rule.Absent),
        ["DELETE /api/subscriptions/{subscription}/parked/{seq}"] = new(Rule.Absent),

        // Web apps.
        ["POST /api/apps"] = new(Rule.Accounts, "{}"),
        ["GET /api/apps"] = new(Rule.Accounts),
        ["DELETE /api/apps/{app}"] = new(Rule.ItsOwner),
        ["GET /api/apps/consents"] = new(Rule.Accounts),
        ["DELETE /api/apps/consents/{consent}"] = new(Rule.Absent),
        ["GET /api/app/feeds"] = new(Rule.App),
        ["OPTIONS /api/app/feeds"] = new(Rule.Anybody),
        // An app authenticates with its own id, code and secret.
        ["POST /oauth/token"] = new(Rule.Anybody),
        ["POST /oauth/revoke"] = new(Rule.Anybody),
        ["OPTIONS /oauth/token"] = new(Rule.Anybody),
        ["OPTIONS /oauth/revoke"] = new(Rule.Anybody),
        // Off by default: then it does not exist for any client.
        ["POST /oauth/register"] = new(Rule.NoneOfThem, "{}"),
        ["GET /oauth/authorize"] = new(Rule.Anybody),
        ["POST /oauth/authorize"] = new(Rule.Anybody),
        ["GET /.well-known/oauth-authorization-server"] = new(Rule.Anybody),
        ["GET /.well-known/openid-configuration"] = new(Rule.Anybody),

        // Pages. A visitor without a session can open these.
        ["GET /"] = new(Rule.Anybody),
        ["GET /sign-in"] = new(Rule.Anybody),
        ["POST /sign-in"] = new(Rule.Anybody),
        ["POST /sign-in/passkey"] = new(Rule.Anybody),
        ["POST /sign-in/passkey/options"] = new(Rule.Anybody),
        ["GET /reach"] = new(Rule.Anybody),
        ["GET /sign-up"] = new(Rule.Anybody),
        ["POST /sign-up"] = new(Rule.Anybody),
        // The key in the emailed URL decides.
        ["GET /confirm-email"] = new(Rule.Anybody),
        ["POST /confirm-email"] = new(Rule.Anybody),
        ["GET /forgot"] = new(Rule.Anybody),
        ["POST /forgot"] = new(Rule.Anybody),
        // The token in the emailed URL decides.
        ["GET /recover"] = new(Rule.Anybody),
        ["POST /recover"] = new(Rule.Anybody),
        ["GET /assets/{asset}"] = new(Rule.Anybody),
        ["GET /phone"] = new(Rule.Anybody),
        ["GET /phone/manifest.webmanifest"] = new(Rule.Anybody),
        ["GET /phone/worker.js"] = new(Rule.Anybody),
        ["GET /docs"] = new(Rule.Anybody),
        ["GET /docs/api"] = new(Rule.Anybody),
        ["GET /docs/api/scalar.js"] = new(Rule.Anybody),
        ["GET /docs/{**document}"] = new(Rule.Anybody),
        // A visitor needs no account; the name of the callback keeps the visitor's data private.
        ["GET /try"] = new(Rule.Anybody),
        ["POST /try"] = new(Rule.Anybody),
        ["GET /try/callbacks/{callback}"] = new(Rule.NoneOfThem),
        ["POST /try/callbacks/{callback}"] = new(Rule.Anybody),
        ["GET /try/callbacks/{callback}/arrivals"] = new(Rule.NoneOfThem),
        ["GET /try/callbacks/{callback}/state"] = new(Rule.NoneOfThem),
        ["GET /today"] = new(Rule.Browser),
        ["GET /notices"] = new(Rule.Browser),
        ["GET /receipts"] = new(Rule.Browser),
        ["GET /admin"] = new(Rule.BrowserAbsent),
        ["POST /admin/invitations"] = new(Rule.Browser),
        ["POST /admin/accounts/{account}/password"] = new(Rule.Browser),
        ["POST /admin/accounts/{account}/role"] = new(Rule.Browser),
        ["GET /admin/accounts/{account}/remove"] = new(Rule.BrowserAbsent),
        ["POST /admin/accounts/{account}/remove"] = new(Rule.Browser),
        ["GET /devices/{device}/"] = new(Rule.BrowserOfOwner),
        ["GET /devices/{device}/feed.json"] = new(Rule.BrowserOfOwner),
        ["GET /devices/{device}/stream"] = new(Rule.BrowserOfOwner),
        ["GET /devices/{device}/observed"] = new(Rule.BrowserOfOwner),
        ["GET /devices/{device}/setup"] = new(Rule.BrowserOfOwner),
        ["GET /devices/{device}/sharing"] = new(Rule.BrowserOfOwner),
        ["GET /devices/{device}/sharing/{grant}"] = new(Rule.BrowserOfOwner),
        ["GET /devices/{device}/subscriptions"] = new(Rule.BrowserOfOwner),
        ["GET /devices/{device}/subscriptions/{subscription}"] = new(Rule.BrowserOfOwner),
        ["GET /devices/{device}/messages"] = new(Rule.BrowserOfOwner),
        ["GET /devices/{device}/rejected"] = new(Rule.BrowserOfOwner),
        ["GET /devices/{device}/settings"] = new(Rule.BrowserOfOwner),
        ["POST /sign-out"] = new(Rule.Browser),
        ["GET /account/"] = new(Rule.Browser),
        ["POST /account/confirmation"] = new(Rule.Browser),
        ["POST /account/keys/{key}/end"] = new(Rule.Browser),
        ["POST /account/passkeys"] = new(Rule.Browser),
        ["POST /account/passkeys/options"] = new(Rule.Browser),
        ["POST /account/passkeys/{passkey}/remove"] = new(Rule.Browser),
        ["POST /account/password"] = new(Rule.Browser),

        // Operators. Metrics and health name no person.
        ["GET /openapi/{documentName}.json"] = new(Rule.Anybody),
        ["ANY /health/live"] = new(Rule.Anybody),
        ["ANY /health/ready"] = new(Rule.Anybody),
        ["ANY /health/lag"] = new(Rule.Anybody),
        ["ANY /metrics"] = new(Rule.Anybody),
        ["ANY /hangfire/{**path}"] = new(Rule.Administrators),
    };
}
