using ActivityHub.TestKit;
using Microsoft.Extensions.Logging;
using Shouldly;
using Xunit;

namespace ActivityHub.Conformance.WholeWay;

/// <summary>Tests the search for logged secrets itself: a search that never finds anything proves nothing.</summary>
public sealed class LoggedSecretsTests(SharedHubs hubs)
{
    [Fact]
    public void A_secret_that_was_logged_is_found_wherever_it_stands_and_told_by_its_kind_alone()
    {
        const string planted = "rk_planted-for-this-test-alone";
        var secrets = new Dictionary<string, string> { [planted] = "reader key", ["dk_that-nobody-logged"] = "device key" };
        foreach (var plant in new Action<ILogger>[]
        {
            logger => Plant.Message(logger, planted, null),
            logger => Plant.Address(logger, $"/feeds/x.json?key={planted}&limit=1", null),
            logger => Plant.Message(logger, "of a surprise", new InvalidOperationException($"no such key {planted}")),
        })
        {
            // Logs without a hub; otherwise the check at the end of this assembly would find the secret too.
            using var logs = new CapturedLogs();
            var logger = logs.CreateLogger("Planted");
            Plant.Message(logger, "something else", null);
            LoggedSecrets.Find([logs], secrets).ShouldBeEmpty();

            plant(logger);

            var found = LoggedSecrets.Find([logs], secrets).ShouldHaveSingleItem();
            found.ShouldContain("reader key");
            found.ShouldContain("Planted");
            found.ShouldNotContain(planted);
        }
    }

    [Fact]
    public async Task What_a_test_makes_is_noted_without_its_doing()
    {
        var before = LoggedSecrets.Count;

        await Scene.SetAsync(hubs, Database.Sqlite);

        // A token, a device key, an ingest key and a reader key.
        (LoggedSecrets.Count - before).ShouldBeGreaterThanOrEqualTo(4);
    }

    private static class Plant
    {
        public static readonly Action<ILogger, string, Exception?> Message = LoggerMessage.Define<string>(
            LogLevel.Information, 1, "Planted {Key}");
        public static readonly Action<ILogger, string, Exception?> Address = LoggerMessage.Define<string>(
            LogLevel.Debug, 2, "Asked for {Address}");
    }
}
