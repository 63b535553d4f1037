using System.Globalization;
using System.Text.RegularExpressions;
using ActivityHub.TestKit;

namespace ActivityHub.Workers.Tests;

/// <summary>Reads from a delivery which of a stage's updates its document contains.</summary>
internal static partial class Documents
{
    /// <summary>
    /// The numbers of a stage's updates in the document, oldest first (documents have the newest first). They are read from the updates'
    /// data, because a view that hides a part shows no phone ids.
    /// </summary>
    public static IReadOnlyList<int> Numbers(this ReceivedRequest delivery) =>
        [.. Named().Matches(delivery.Text).Select(match => int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture)).Reverse()];

    /// <summary>The numbers of all deliveries, one after the other.</summary>
    public static IReadOnlyList<int> Numbers(this IEnumerable<ReceivedRequest> deliveries) =>
        [.. deliveries.SelectMany(delivery => delivery.Numbers())];

    public static bool HaveUpTo(this IEnumerable<ReceivedRequest> requests, int last) =>
        requests.Any(request => request.IsDelivery && request.Numbers().Contains(last));

    /// <summary>Returns the target of a <c>Link</c> header by its relation.</summary>
    public static string? Link(this ReceivedRequest delivery, string relation) =>
        Links().Matches(delivery.Header("Link") ?? "").FirstOrDefault(match => match.Groups[2].Value == relation)?.Groups[1].Value;

    public static IReadOnlyList<string> Relations(this ReceivedRequest delivery) =>
        [.. Links().Matches(delivery.Header("Link") ?? "").Select(match => match.Groups[2].Value)];

    [GeneratedRegex("\"data\":\\{\"n\":([0-9]+),")]
    private static partial Regex Named();

    [GeneratedRegex("<([^>]+)>; rel=\"([^\"]+)\"")]
    private static partial Regex Links();
}
