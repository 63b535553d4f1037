using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Web;

namespace ActivityHub.Hub.Api.Subscriptions;

/// <summary>A subscribe or unsubscribe request (WebSub §5.1), read without looking anything up.</summary>
internal sealed record SubscribeRequest
{
    public const int DefaultLeaseSeconds = 10 * 86_400;
    public const int MinLeaseSeconds = 300;
    public const int MaxLeaseSeconds = 30 * 86_400;
    public const int MaxSecretBytes = 199;
    public const int MaxVerifyTokenLength = 200;

    public bool Unsubscribes { get; private init; }

    public required Topic Topic { get; init; }

    /// <summary>As it was given: the challenge and the denial name it so.</summary>
    public required string TopicText { get; init; }

    /// <summary>As it was given (WebSub §8.3).</summary>
    public required string Callback { get; init; }

    /// <summary>Within the hub's bounds; a grant that ends earlier makes it shorter still.</summary>
    public int LeaseSeconds { get; private init; } = DefaultLeaseSeconds;

    public string? Secret { get; private init; }

    /// <summary><c>hub.after</c> as given: whether it is a position is known once the grant is.</summary>
    public string? After { get; private init; }

    /// <summary><c>hub.proof</c>, an extension: that the sender of a renewal knows the secret that holds.</summary>
    public string? Proof { get; private init; }

    public bool Delta { get; private init; }

    public SignatureMethod Signature { get; private init; }

    public string? VerifyToken { get; private init; }

    /// <summary>
    /// Fields that no one knows are ignored (WebSub §5.1), and so is <c>hub.verify</c> of PubSubHubbub 0.3. All faults are named at once.
    /// </summary>
    public static bool TryRead(
        FormBody form, Uri publicUrl, [NotNullWhen(true)] out SubscribeRequest? request, out IReadOnlyList<string> faults)
    {
        var found = new List<string>();
        var unsubscribes = ReadMode(form, found) == "unsubscribe";
        var topic = ReadTopic(form, publicUrl, found, out var topicText);
        var callback = ReadCallback(form, publicUrl, unsubscribes, found);
        // Clients of version 0.3 expect it back for every request.
        var verifyToken = form.One("hub.verify_token", found);
        if (verifyToken?.Length > MaxVerifyTokenLength)
        {
            found.Add($"hub.verify_token is longer than {MaxVerifyTokenLength} characters.");
        }

        // WebSub §5.1: the lease is ignored when unsubscribing; the rest has no meaning there either.
        var lease = unsubscribes ? DefaultLeaseSeconds : ReadLease(form, found);
        var secret = unsubscribes ? null : ReadSecret(form, found);
        var delta = !unsubscribes && ReadContent(form, found);
        var signature = unsubscribes ? SignatureMethod.Sha256 : ReadSignature(form, found);
        var after = unsubscribes ? null : form.One("hub.after", found);
        var proof = unsubscribes ? null : ReadProof(form, found);
        faults = found;
        request = found.Count > 0 || topic is null || callback is null
            ? null
            : new SubscribeRequest
            {
                Unsubscribes = unsubscribes,
                Topic = topic,
                TopicText = topicText,
                Callback = callback,
                LeaseSeconds = lease,
                Secret = secret,
                After = after,
                Proof = proof,
                Delta = delta,
                Signature = signature,
                VerifyToken = verifyToken,
            };
        return request is not null;
    }

    /// <summary>
    /// Whether the proof is the HMAC-SHA256, in hexadecimal, of topic, callback, <c>hub.after</c> and the new secret as they were sent,
    /// joined by line feeds, under the current secret. The covered values are part of the proof, so that an observer of one can only repeat
    /// that same request.
    /// </summary>
    public bool IsProvenBy(string secret, string proof)
    {
        var text = string.Join('\n', TopicText, Callback, After ?? "", Secret ?? "");
        var expected = HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(text));
        return CryptographicOperations.FixedTimeEquals(expected, Convert.FromHexString(proof));
    }

    public override string ToString() => $"{(Unsubscribes ? "unsubscribe" : "subscribe")} {Topic}";

    private static string? ReadMode(FormBody form, List<string> faults)
    {
        var mode = form.One("hub.mode", faults);
        if (mode is null)
        {
            faults.Add("hub.mode is missing; send subscribe, unsubscribe or publish.");
        }
        else if (mode is not ("subscribe" or "unsubscribe"))
        {
            faults.Add("hub.mode is none that this hub knows; send subscribe, unsubscribe or publish.");
        }

        return mode;
    }

    private static Topic? ReadTopic(FormBody form, Uri publicUrl, List<string> faults, out string text)
    {
        text = form.One("hub.topic", faults) ?? "";
        if (text.Length == 0)
        {
            faults.Add("hub.topic is missing; send the address in the feed's rel=\"self\" link.");
            return null;
        }

        if (Topic.TryParse(text, publicUrl, out var topic, out var fault))
        {
            return topic;
        }

        faults.Add(fault);
        return null;
    }

    private static string? ReadCallback(FormBody form, Uri publicUrl, bool unsubscribes, List<string> faults)
    {
        var callback = form.One("hub.callback", faults);
        var fault = callback is null ? "hub.callback is missing; send the http or https URL that is to be called."
            : CallbackUrl.FaultOf(callback) ?? (unsubscribes ? null : CallbackUrl.LoopOf(callback, publicUrl));
        if (fault is null)
        {
            return callback;
        }

        faults.Add(fault);
        return null;
    }

    // WebSub §5.1: the hub may choose the lease, and the verifying GET states it. A value that is not a duration is an error.
    private static int ReadLease(FormBody form, List<string> faults)
    {
        var text = form.One("hub.lease_seconds", faults);
        if (text is null)
        {
            return DefaultLeaseSeconds;
        }

        if (text.Length <= 100 && text.All(char.IsAsciiDigit) && text.Any(digit => digit != '0'))
        {
            return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
                ? (int)Math.Clamp(seconds, MinLeaseSeconds, MaxLeaseSeconds)
                : MaxLeaseSeconds;
        }

        faults.Add(
            $"hub.lease_seconds is not a whole number above zero; send {MinLeaseSeconds} to {MaxLeaseSeconds}, or leave it out "
            + $"for {DefaultLeaseSeconds}.");
        return DefaultLeaseSeconds;
    }

    private static string? ReadSecret(FormBody form, List<string> faults)
    {
        var secret = form.One("hub.secret", faults);
        if (secret is not null && Encoding.UTF8.GetByteCount(secret) > MaxSecretBytes)
        {
            faults.Add("hub.secret must be shorter than 200 bytes.");
        }

        return secret;
    }

    private static string? ReadProof(FormBody form, List<string> faults)
    {
        var proof = form.One("hub.proof", faults);
        if (proof is null || (proof.Length == HMACSHA256.HashSizeInBytes * 2 && proof.All(char.IsAsciiHexDigit)))
        {
            return proof;
        }

        faults.Add("hub.proof is not 64 hexadecimal digits; send the HMAC-SHA256 that docs/http-api.md describes, or leave it out.");
        return null;
    }

    private static bool ReadContent(FormBody form, List<string> faults)
    {
        var content = form.One("hub.content", faults);
        if (content is not (null or "delta" or "full"))
        {
            faults.Add("hub.content must be full or delta.");
        }

        return content == "delta";
    }

    private static SignatureMethod ReadSignature(FormBody form, List<string> faults)
    {
        switch (form.One("hub.signature", faults))
        {
            case null or "sha256":
                return SignatureMethod.Sha256;
            case "sha1":
                return SignatureMethod.Sha1;
            case "sha384":
                return SignatureMethod.Sha384;
            case "sha512":
                return SignatureMethod.Sha512;
            case "standard":
                return SignatureMethod.Standard;
            default:
                faults.Add("hub.signature must be sha1, sha256, sha384, sha512 or standard.");
                return SignatureMethod.Sha256;
        }
    }
}
