namespace ActivityHub.Hub.Limits;

/// <summary>Which limits an entry point holds; on each route of the role.</summary>
internal sealed record EntryPoint(EntryLimit Limits);

/// <summary>
/// Every way into the product and what bounds its use: one row each. The limits by client and by account are applied from here; those of
/// the other roles are held by their doors, and a test holds each door against its row. A route in no row is limited like a page, and fails
/// that test.
/// </summary>
internal static class EntryPoints
{
    /// <summary>The door of MQTT: connecting, and publishing.</summary>
    public const string MqttConnect = "MQTT CONNECT";
    public const string MqttPublish = "MQTT PUBLISH";

    private const EntryLimit Phone = EntryLimit.Device | EntryLimit.WrongKeys;
    private const EntryLimit Read = EntryLimit.Reader | EntryLimit.Grant | EntryLimit.WrongKeys;
    private const EntryLimit Guessed = EntryLimit.Client | EntryLimit.WrongKeys;
    private const EntryLimit Api = EntryLimit.Client | EntryLimit.Account | EntryLimit.WrongKeys;
    private const EntryLimit Page = EntryLimit.Client | EntryLimit.Account;

    public static IReadOnlyDictionary<string, EntryLimit> Rows { get; } = new Dictionary<string, EntryLimit>(StringComparer.Ordinal)
    {
        [MqttConnect] = EntryLimit.Places | EntryLimit.WrongKeys,
        [MqttPublish] = EntryLimit.Device,
        // Phones.
        ["POST /feeds/{feed}/updates"] = Phone,
        ["POST /i/{ingestKey}"] = Phone,
        ["PUT /i/{ingestKey}"] = Phone,
        ["GET /i/{ingestKey}"] = Phone,
        ["POST /i/{ingestKey}/{phoneFormat}"] = Phone,
        ["PUT /i/{ingestKey}/{phoneFormat}"] = Phone,
        ["GET /i/{ingestKey}/{phoneFormat}"] = Phone,
        ["GET /devices/{device}/inbox"] = Phone | EntryLimit.Seats,
        ["POST /devices/{device}/inbox/acknowledged"] = Phone,
        ["POST /devices/{device}/push"] = Phone,
        ["DELETE /devices/{device}/push/{push}"] = Phone,

        // Readers. A preflight is answered from memory, and as often as browsers ask.
        ["GET /push/key"] = EntryLimit.Reader,
        ["GET /feeds/{feed}.{format}"] = Read,
        ["HEAD /feeds/{feed}.{format}"] = Read,
        ["GET /feeds/{feed}/updates/{position}"] = Read,
        ["HEAD /feeds/{feed}/updates/{position}"] = Read,
        ["GET /feeds/{feed}/stream"] = Read | EntryLimit.Seats,
        ["GET /feeds/{feed}"] = EntryLimit.Reader,
        ["HEAD /feeds/{feed}"] = EntryLimit.Reader,
        ["OPTIONS /feeds/{feed}.{format}"] = EntryLimit.None,
        ["OPTIONS /feeds/{feed}"] = EntryLimit.None,
        ["OPTIONS /feeds/{feed}/updates/{position}"] = EntryLimit.None,
        ["OPTIONS /feeds/{feed}/stream"] = EntryLimit.None,

        // Messages to phones, and status links: the handler looks at the key.
        ["POST /api/feeds/{feed}/messages"] = Guessed | EntryLimit.Messages,
        ["OPTIONS /api/feeds/{feed}/messages"] = EntryLimit.Client,
        ["OPTIONS /api/feeds/{feed}/messages/{message}"] = EntryLimit.Client,
        ["GET /api/feeds/{feed}/messages"] = Guessed,
        ["GET /api/feeds/{feed}/messages/{message}"] = Guessed,
        ["DELETE /api/feeds/{feed}/messages/{message}"] = Guessed,
        ["GET /subscriptions/{subscription}/"] = Guessed,
        ["GET /hub/requests/{request}"] = Guessed,
        ["POST /subscriptions/{subscription}/redeliver"] = Guessed,
        ["POST /subscriptions/{subscription}/resume"] = Guessed,

        // Subscribers.
        ["POST /hub"] = EntryLimit.Subscribers,

        // The owner's API.
        ["POST /api/accounts"] = EntryLimit.Client | EntryLimit.Passwords,
        ["POST /api/tokens"] = EntryLimit.Client | EntryLimit.Passwords,
        ["GET /api/tokens"] = Api,
        ["DELETE /api/tokens/{token}"] = Api,
        ["POST /api/account/password"] = Api | EntryLimit.Passwords,
        ["POST /api/account/confirmation"] = Api,
        ["GET /api/account/export"] = Api | EntryLimit.OneAtATime,
        ["DELETE /api/account"] = Api | EntryLimit.Passwords,
        ["GET /api/notices"] = Api,
        ["GET /api/receipts"] = Api,
        ["GET /api/receipts.atom"] = Api,
        ["GET /api/receipts.json"] = Api,
        ["POST /api/devices"] = Api,
        ["GET /api/devices"] = Api,
        ["PATCH /api/devices/{device}"] = Api,
        ["GET /api/devices/{device}"] = Api,
        ["DELETE /api/devices/{device}"] = Api,
        ["GET /api/devices/{device}/rejected"] = Api,
        ["POST /api/devices/{device}/rejected/{rejected}/replay"] = Api,
        ["DELETE /api/devices/{device}/rejected/{rejected}"] = Api,
        ["GET /api/devices/{device}/setup"] = Api,
        ["GET /api/devices/{device}/setup/{phoneApp}"] = Api,
        ["POST /api/devices/{device}/key"] = Api,
        ["PATCH /api/feeds/{feed}"] = Api,
        ["DELETE /api/feeds/{feed}/updates/{seq}"] = Api,
        ["POST /api/feeds/{feed}/grants"] = Api,
        ["GET /api/feeds/{feed}/grants"] = Api,
        ["PATCH /api/grants/{grant}"] = Api,
        ["DELETE /api/grants/{grant}"] = Api,
        ["POST /api/zones"] = Api,
        ["GET /api/zones"] = Api,
        ["DELETE /api/zones/{zone}"] = Api,
        ["GET /api/feeds/{feed}/subscriptions"] = Api,
        ["POST /api/feeds/{feed}/subscriptions"] = Api,
        ["GET /api/feeds/{feed}/subscriptions/requests"] = Api,
        ["GET /api/subscriptions/{subscription}"] = Api,
        ["GET /api/subscriptions/{subscription}/attempts/{attempt}"] = Api,
        ["DELETE /api/subscriptions/{subscription}"] = Api,
        ["GET /api/subscriptions/{subscription}/attempts"] = Api,
        ["POST /api/subscriptions/{subscription}/replay"] = Api,
        ["POST /api/subscriptions/{subscription}/resume"] = Api,
        ["GET /api/subscriptions/{subscription}/parked"] = Api,
        ["POST /api/subscriptions/{subscription}/redeliver"] = Api,
        ["POST /api/subscriptions/{subscription}/parked/{seq}/redeliver"] = Api,
        ["DELETE /api/subscriptions/{subscription}/parked/{seq}"] = Api,
        ["POST /api/apps"] = Api,
        ["GET /api/apps"] = Api,
        ["DELETE /api/apps/{app}"] = Api,
        ["GET /api/apps/consents"] = Api,
        ["DELETE /api/apps/consents/{consent}"] = Api,
        ["GET /api/app/feeds"] = EntryLimit.Client,
        ["OPTIONS /api/app/feeds"] = EntryLimit.Client,

        // OAuth.
        ["POST /oauth/token"] = EntryLimit.Client,
        ["POST /oauth/revoke"] = EntryLimit.Client,
        ["OPTIONS /oauth/token"] = EntryLimit.Client,
        ["OPTIONS /oauth/revoke"] = EntryLimit.Client,
        ["POST /oauth/register"] = EntryLimit.Client,
        ["GET /oauth/authorize"] = EntryLimit.Client,
        ["POST /oauth/authorize"] = EntryLimit.Client,
        ["GET /.well-known/oauth-authorization-server"] = EntryLimit.Client,
        ["GET /.well-known/openid-configuration"] = EntryLimit.Client,

        // Pages for signed-in owners.
        ["GET /today"] = Page,
        ["GET /notices"] = Page,
        ["GET /receipts"] = Page,
        ["GET /admin"] = Page,
        ["POST /admin/invitations"] = Page,
        ["POST /admin/accounts/{account}/password"] = Page,
        ["POST /admin/accounts/{account}/role"] = Page,
        ["GET /admin/accounts/{account}/remove"] = Page,
        ["POST /admin/accounts/{account}/remove"] = Page,
        ["GET /devices/{device}/observed"] = Page,
        ["GET /devices/{device}/"] = Page,
        ["GET /devices/{device}/feed.json"] = Page,
        ["GET /devices/{device}/stream"] = Page | EntryLimit.Seats,
        ["GET /devices/{device}/setup"] = Page,
        ["GET /devices/{device}/sharing"] = Page,
        ["GET /devices/{device}/sharing/{grant}"] = Page,
        ["GET /devices/{device}/subscriptions"] = Page,
        ["GET /devices/{device}/subscriptions/{subscription}"] = Page,
        ["GET /devices/{device}/messages"] = Page,
        ["GET /devices/{device}/rejected"] = Page,
        ["GET /devices/{device}/settings"] = Page,
        ["POST /sign-out"] = Page,
        ["GET /account/"] = Page,
        ["POST /account/confirmation"] = Page,
        ["POST /account/keys/{key}/end"] = Page,
        ["POST /account/passkeys"] = Page,
        ["POST /account/passkeys/options"] = Page,
        ["POST /account/passkeys/{passkey}/remove"] = Page,
        ["POST /account/password"] = Page | EntryLimit.Passwords,

        // Operators. Health and figures are for monitors, and belong behind the proxy.
        ["GET /openapi/{documentName}.json"] = EntryLimit.Client,
        ["ANY /health/live"] = EntryLimit.None,
        ["ANY /health/ready"] = EntryLimit.None,
        ["ANY /health/lag"] = EntryLimit.None,
        ["ANY /metrics"] = EntryLimit.None,
        ["ANY /hangfire/{**path}"] = EntryLimit.WrongKeys | EntryLimit.Passwords,

        // Public pages.
        ["GET /"] = EntryLimit.Client,
        ["GET /sign-in"] = EntryLimit.Client,
        ["POST /sign-in"] = EntryLimit.Client | EntryLimit.Passwords,
        ["POST /sign-in/passkey"] = EntryLimit.Client,
        ["POST /sign-in/passkey/options"] = EntryLimit.Client,
        ["GET /sign-up"] = EntryLimit.Client,
        ["POST /sign-up"] = EntryLimit.Client | EntryLimit.Passwords,
        ["GET /confirm-email"] = EntryLimit.Client,
        ["POST /confirm-email"] = EntryLimit.Client,
        ["GET /forgot"] = EntryLimit.Client,
        ["POST /forgot"] = EntryLimit.Client,
        ["GET /recover"] = EntryLimit.Client,
        ["POST /recover"] = EntryLimit.Client | EntryLimit.Passwords,
        ["GET /assets/{asset}"] = EntryLimit.Client,
        ["GET /phone"] = EntryLimit.Client,
        ["GET /phone/manifest.webmanifest"] = EntryLimit.Client,
        ["GET /phone/worker.js"] = EntryLimit.Client,
        ["GET /docs"] = EntryLimit.Client,
        ["GET /reach"] = EntryLimit.Client,
        ["GET /docs/api"] = EntryLimit.Client,
        ["GET /docs/api/scalar.js"] = EntryLimit.Client,
        ["GET /docs/{**document}"] = EntryLimit.Client,
        ["GET /try"] = EntryLimit.Client,
        ["POST /try"] = EntryLimit.Client | EntryLimit.Visitors,
        ["GET /try/callbacks/{callback}"] = EntryLimit.Client,
        ["POST /try/callbacks/{callback}"] = EntryLimit.Client,
        ["GET /try/callbacks/{callback}/arrivals"] = EntryLimit.Client | EntryLimit.Seats,
        ["GET /try/callbacks/{callback}/state"] = EntryLimit.Client,
    };

    public static RouteGroupBuilder WithEntryPoints(this RouteGroupBuilder group)
    {
        ((IEndpointConventionBuilder)group).Finally(endpoint => endpoint.Metadata.Add(new EntryPoint(endpoint is RouteEndpointBuilder route
            ? NamesOf(route.RoutePattern.RawText, route.Metadata.OfType<IHttpMethodMetadata>().LastOrDefault())
                .Aggregate(EntryLimit.None, (limits, name) => limits | Rows.GetValueOrDefault(name, Page))
            : Page)));
        return group;
    }

    /// <summary>A row's name for each method of a route: <c>GET /feeds/{feed}</c>, or <c>ANY …</c>.</summary>
    public static IEnumerable<string> NamesOf(string? pattern, IHttpMethodMetadata? methods) =>
        (methods?.HttpMethods ?? ["ANY"]).Select(method => $"{method} /{(pattern ?? "").TrimStart('/')}");
}
