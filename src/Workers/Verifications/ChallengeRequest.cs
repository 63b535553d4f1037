using System.Globalization;
using System.Security.Cryptography;
using ActivityHub.Ledger.Subscriptions;
using ActivityHub.Workers.Outbound;

namespace ActivityHub.Workers.Verifications;

/// <summary>The GET that asks a callback to confirm a request (WebSub §5.3), or informs it of a denial (§5.2).</summary>
internal static class ChallengeRequest
{
    /// <summary>Random and used once (§8.2).</summary>
    public static string NewChallenge() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24));

    /// <summary>
    /// Why an answer confirms nothing, in words that help the callback's author; the body itself is left out, since it may hold anything.
    /// </summary>
    public static string WhyNot(CallbackResult answer, string challenge) => answer.Error ?? answer.Body switch
    {
        null => "It answered without a body; the body must be the challenge.",
        var body when body.StartsWith(challenge, StringComparison.Ordinal) && string.IsNullOrWhiteSpace(body[challenge.Length..]) =>
            "Its body is the challenge with a line break or white space at the end; the body must be the challenge and nothing else.",
        var body when body.Contains(challenge, StringComparison.Ordinal) =>
            "Its body holds the challenge with something else around it (white space, quotes, markup); the body must be the challenge and "
            + "nothing else.",
        _ => "It did not echo the challenge.",
    };

    /// <summary>§5.1.1: the callback's own query is kept, same names and all; ours is appended.</summary>
    public static Uri Of(string callback, Verification verification, string topic, string challenge, string? verifyToken)
    {
        var query = new List<(string Name, string Value)>
        {
            ("hub.mode", verification.Mode switch
            {
                VerificationMode.Subscribe => "subscribe",
                VerificationMode.Unsubscribe => "unsubscribe",
                _ => "denied",
            }),
            ("hub.topic", topic),
        };
        if (verification.Mode == VerificationMode.Denied)
        {
            query.Add(("hub.reason", verification.Reason ?? "The subscription has ended."));
        }
        else
        {
            query.Add(("hub.challenge", challenge));
        }

        if (verification.Mode == VerificationMode.Subscribe)
        {
            query.Add(("hub.lease_seconds", verification.LeaseSeconds.ToString(CultureInfo.InvariantCulture)));
        }

        if (verifyToken is not null)
        {
            query.Add(("hub.verify_token", verifyToken));
        }

        var appended = string.Join('&', query.Select(pair => $"{pair.Name}={Uri.EscapeDataString(pair.Value)}"));
        var separator = !callback.Contains('?', StringComparison.Ordinal)
            ? "?"
            : callback.EndsWith('?') || callback.EndsWith('&') ? "" : "&";
        return ExactUrl.Of(callback + separator + appended);
    }
}
