using ActivityHub.Phones.Http;

namespace ActivityHub.Phones.Simulation;

/// <summary>Creates a device for each phone of a fleet.</summary>
internal static class FleetRegistration
{
    private const int AtOnce = 8;

    /// <returns>A writer for each phone, in the fleet's order.</returns>
    public static async Task<IReadOnlyList<FeedWriter>> RegisterAsync(
        HubAccount account,
        Fleet fleet,
        RequestSender sender,
        CancellationToken cancellationToken
    )
    {
        var writers = new FeedWriter[fleet.Phones.Count];
        await Parallel.ForAsync(
            0,
            writers.Length,
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken },
            async (phone, token) => writers[phone] = await MakeAsync(fleet.Phones[phone].Name, token)
        );
        return writers;

        async Task<FeedWriter> MakeAsync(string name, CancellationToken token)
        {
            var device = await account.AddDeviceAsync(name, token);
            return FeedWriter.To(name, device.Feed.Urls, device.Key, sender);
        }
    }
}
