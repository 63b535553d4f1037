using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Ledger.Updates;
using ActivityHub.Web;

namespace ActivityHub.Hub.Api.Subscriptions;

/// <summary>A webhook that an owner wants.</summary>
internal sealed record WebhookRequest(string Callback, string? Secret, FeedFormat Format, string? Kinds)
{
    private const int MaxKinds = 50;
    private const string Formats = "atom, rss, json, js or geojson";

    /// <summary>Faults are left in the body.</summary>
    public static WebhookRequest Read(JsonBody body, Uri publicUrl)
    {
        var callback = body.Text("callback", 1, Subscription.MaxCallbackLength, required: true);
        if (callback is not null && (CallbackUrl.FaultOf(callback) ?? CallbackUrl.LoopOf(callback, publicUrl)) is { } fault)
        {
            body.Refuse("callback", fault.Replace("hub.callback", "callback", StringComparison.Ordinal));
        }

        return new WebhookRequest(
            callback ?? "", body.OptionalSecret("secret", SubscribeRequest.MaxSecretBytes), ReadFormat(body), ReadKinds(body));
    }

    public override string ToString() => $"webhook in {Format.Extension()}";

    private static FeedFormat ReadFormat(JsonBody body)
    {
        var word = body.Text("format", 1, 10, required: false);
        if (word is null)
        {
            return FeedFormat.Json;
        }

        if (!FeedFormats.TryParse(word, out var format))
        {
            body.Refuse("format", $"format must be {Formats}.");
        }

        return format;
    }

    private static string? ReadKinds(JsonBody body)
    {
        var words = body.Words(
            "kinds", $"an array of 1 to {MaxKinds} kinds, each of 1 to 32 characters of a-z 0-9 . _ -", MaxKinds,
            word => Kind.IsValid(word));
        return words is not null && Topic.TryReadKinds(words, out var kinds) ? kinds : null;
    }
}

/// <summary>The body of a new webhook, for the API's description.</summary>
/// <param name="Callback">The http or https URL that is to be called; at most 2,048 characters.</param>
/// <param name="Secret">Signs deliveries; shorter than 200 bytes.</param>
/// <param name="Format">atom, rss, json (unless said), js or geojson.</param>
/// <param name="Kinds">Which kinds are delivered; all unless said.</param>
internal sealed record WebhookBody(string Callback, string? Secret, string? Format, string[]? Kinds);
