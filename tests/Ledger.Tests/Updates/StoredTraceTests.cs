using System.Diagnostics;
using ActivityHub.Ledger.Updates;
using ActivityHub.TestKit;
using Shouldly;
using Xunit;
using static ActivityHub.Ledger.Tests.LedgerRows;

namespace ActivityHub.Ledger.Tests.Updates;

public sealed class StoredTraceTests
{
    private const string Trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    [Theory, BothDatabases]
    public async Task An_update_keeps_the_trace_of_its_own_request_and_only_that(Database database)
    {
        await using var host = await LedgerHost.StartAsync(database);
        var feed = await host.OpenFeedAsync();

        await host.Log.AppendAsync(
            [feed.Request(Update(), Update()), feed.Request(Update(), Update()) with { Trace = Trace }, feed.Request(Update())], Birth,
            LedgerHost.Token);
        await host.Log.AppendAsync([feed.Request(Update())], Birth, LedgerHost.Token);

        (await host.ReadAllAsync(feed.Id)).Select(update => update.Trace).ShouldBe([null, null, Trace, Trace, null, null]);
        (await host.Log.ReadBeforeAsync(feed.Id, 5, null, 2, LedgerHost.Token)).Select(update => update.Trace).ShouldBe([Trace, Trace]);
        (await host.Log.FindAsync(feed.Id, 3, LedgerHost.Token))!.Trace.ShouldBe(Trace);
    }

    [Theory, BothDatabases]
    public async Task A_repeat_keeps_the_trace_of_the_first(Database database)
    {
        await using var host = await LedgerHost.StartAsync(database);
        var feed = await host.OpenFeedAsync();

        await host.Log.AppendAsync([feed.Request(Update("a")) with { Trace = Trace }, feed.Request(Update("a"))], Birth, LedgerHost.Token);
        await host.Log.AppendAsync([feed.Request(Update("a"))], Birth, LedgerHost.Token);

        (await host.ReadAllAsync(feed.Id)).ShouldHaveSingleItem().Trace.ShouldBe(Trace);
    }

    [Fact]
    public void It_is_of_what_runs_now_where_that_is_recorded()
    {
        using var source = new ActivitySource(nameof(It_is_of_what_runs_now_where_that_is_recorded));
        var sampling = ActivitySamplingResult.AllDataAndRecorded;
        using var listener = new ActivityListener { ShouldListenTo = heard => heard == source, Sample = (ref _) => sampling };
        ActivitySource.AddActivityListener(listener);

        using (var recorded = source.StartActivity())
        {
            StoredTrace.OfCurrent().ShouldBe(recorded!.Id);
            StoredTrace.TryParse(StoredTrace.OfCurrent(), out var context).ShouldBeTrue();
            (context.TraceId, context.SpanId, context.IsRemote).ShouldBe((recorded.TraceId, recorded.SpanId, true));
        }

        sampling = ActivitySamplingResult.PropagationData;
        using (source.StartActivity())
        {
            StoredTrace.OfCurrent().ShouldBeNull();
        }
    }

    [Fact]
    public void Nothing_is_stored_where_nobody_listens_whatever_the_phone_has_sent()
    {
        // Like the framework's activity for its logs: an activity without a source, with the phone's traceparent as its parent.
        using var ofThePhone = new Activity("POST").SetParentId(Trace).Start();

        ofThePhone.Recorded.ShouldBeTrue();
        StoredTrace.OfCurrent().ShouldBeNull();
        StoredTrace.TryParse(null, out _).ShouldBeFalse();
        StoredTrace.TryParse("00-no trace", out _).ShouldBeFalse();
    }
}
