using System.Net;
using ActivityHub.TestKit;

namespace ActivityHub.Chaos.Fleet;

/// <summary>Scripts of limited misbehaviour; afterwards the callback accepts everything.</summary>
internal static class BadCallbacks
{
    /// <summary>The target of false redirects. Redirects are not followed, so no request may ever arrive here.</summary>
    public const string Trap = "/trap";

    /// <summary>Makes a callback that mostly accepts, but sometimes misbehaves in one of all possible ways.</summary>
    public static CallbackPath Flaky(this CallbackPath path, Random dice, CallbackListener host, int answers = 60, double bad = 0.25)
    {
        CallbackReply[] faults =
        [
            HttpStatusCode.InternalServerError, HttpStatusCode.NotFound, CallbackReply.Reset, CallbackReply.Garbage,
            CallbackReply.AnswersTwice, CallbackReply.RetryAfter(HttpStatusCode.ServiceUnavailable, TimeSpan.FromSeconds(1)),
            CallbackReply.Redirect(host.Url(Trap)), CallbackReply.Redirect(host.Url(Trap), HttpStatusCode.TemporaryRedirect),
            // Slower than the express lane allows, but within the timeout.
            CallbackReply.After(TimeSpan.FromSeconds(1.2)),
        ];
        return path.Verifies(HttpStatusCode.ServiceUnavailable, CallbackReply.Echo).Answers(
            [.. Enumerable.Range(0, answers).Select(_ => dice.NextDouble() < bad ? faults[dice.Next(faults.Length)] : Good(dice)),
                HttpStatusCode.NoContent]);
    }

    /// <summary>Makes a callback that a few times does not answer and then recovers.</summary>
    public static CallbackPath Hanging(this CallbackPath path, Random dice, int times = 3) => path.Answers(
        [.. Enumerable.Range(0, times).SelectMany(_ => Enumerable.Repeat(Good(dice), dice.Next(1, 6)).Append(CallbackReply.Hang)),
            HttpStatusCode.NoContent]);

    /// <summary>Makes a callback that is down for a while and then recovers.</summary>
    public static CallbackPath Down(this CallbackPath path, Random dice) => path.Answers(
        [Good(dice), .. Enumerable.Repeat((CallbackReply)HttpStatusCode.BadGateway, dice.Next(2, 7)), HttpStatusCode.NoContent]);

    private static CallbackReply Good(Random dice) => CallbackReply.After(TimeSpan.FromMilliseconds(dice.Next(20)));
}
