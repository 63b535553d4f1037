using ActivityHub.Ledger.Devices;
using ActivityHub.Ledger.Updates;
using ActivityHub.TestKit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Time.Testing;
using Shouldly;
using Xunit;
using static ActivityHub.Ledger.Tests.LedgerHost;

namespace ActivityHub.Ledger.Tests.Devices;

public sealed class OutboxTests
{
    private const string Format = "owntracks";

    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 11, 28, 12, 0, 0, TimeSpan.Zero));

    [Theory, BothDatabases]
    public async Task What_an_answer_cannot_carry_stays_and_stands_before_nothing_that_it_can(Database database)
    {
        await using var host = await StartAsync(database, _clock);
        var (feed, outbox) = (await host.OpenFeedAsync(), host.Get<Outbox>());
        var (first, second) = (await WriteAsync(host, feed), await WriteAsync(host, feed));

        (await outbox.TakeAsync(feed.Id, Format, null, waiting => [.. waiting.Where(message => message.Id == second.Id)], Token))
            .ShouldHaveSingleItem();
        (await TakeAsync(outbox, feed, isNew: true)).ShouldBe([first.Id]);

        (await StateAsync(host, second)).ShouldBe(MessageState.Acknowledged);
        (await StateAsync(host, first)).ShouldBe(MessageState.Sent);
    }

    [Theory, BothDatabases]
    public async Task An_append_tells_of_mail_exactly_while_a_message_is_unsettled(Database database)
    {
        await using var host = await StartAsync(database, _clock);
        var (feed, outbox) = (await host.OpenFeedAsync(), host.Get<Outbox>());
        (await host.AppendAsync(feed, LedgerRows.Update())).HasPendingMessages.ShouldBeFalse();

        var (first, second) = (await WriteAsync(host, feed), await WriteAsync(host, feed));
        (await host.AppendAsync(feed, LedgerRows.Update())).HasPendingMessages.ShouldBeTrue();
        (await outbox.AcknowledgeAsync(feed.Id, [first.Id], Token)).ShouldBe(1);
        (await host.AppendAsync(feed, LedgerRows.Update())).HasPendingMessages.ShouldBeTrue();
        (await outbox.RevokeAsync(feed.Id, second.Id, null, Token))!.State.ShouldBe(MessageState.Revoked);

        (await host.AppendAsync(feed, LedgerRows.Update())).HasPendingMessages.ShouldBeFalse();
        second.Id.ShouldBeGreaterThan(first.Id);
    }

    // For an app that sends no acknowledgements.
    [Theory, BothDatabases]
    public async Task What_an_answer_carried_is_acknowledged_by_what_the_app_sends_next_and_goes_again_after_a_repeat(Database database)
    {
        await using var host = await StartAsync(database, _clock);
        var (feed, outbox) = (await host.OpenFeedAsync(), host.Get<Outbox>());
        var message = await WriteAsync(host, feed);

        (await TakeAsync(outbox, feed, isNew: true)).ShouldBe([message.Id]);
        (await TakeAsync(outbox, feed, isNew: false)).ShouldBe([message.Id]);
        // Taken through the hub's own stream, so it says nothing about the app's receipt.
        (await outbox.TakeAsync(feed.Id, MessageChannel.Stream, null, All, Token)).Count.ShouldBe(1);
        (await TakeAsync(outbox, feed, isNew: true)).ShouldBe([message.Id]);
        (await TakeAsync(outbox, feed, isNew: true)).ShouldBeEmpty();

        (await StateAsync(host, message)).ShouldBe(MessageState.Acknowledged);
        (await host.AppendAsync(feed, LedgerRows.Update())).HasPendingMessages.ShouldBeFalse();
    }

    [Theory, BothDatabases]
    public async Task A_request_that_came_before_the_answer_went_out_acknowledges_nothing(Database database)
    {
        await using var host = await StartAsync(database, _clock);
        var (feed, outbox) = (await host.OpenFeedAsync(), host.Get<Outbox>());
        var message = await WriteAsync(host, feed);
        var earlier = _clock.GetUtcNow();
        _clock.Advance(TimeSpan.FromMilliseconds(20));
        await TakeAsync(outbox, feed, isNew: true);

        (await outbox.TakeAsync(feed.Id, Format, earlier, All, Token)).ShouldHaveSingleItem().Id.ShouldBe(message.Id);
    }

    [Theory, BothDatabases]
    public async Task What_has_expired_is_sent_no_more_and_settled_when_it_is_looked_for(Database database)
    {
        await using var host = await StartAsync(database, _clock);
        var (feed, outbox) = (await host.OpenFeedAsync(), host.Get<Outbox>());
        var message = await WriteAsync(host, feed);

        _clock.Advance(TimeSpan.FromHours(1));

        (await TakeAsync(outbox, feed, isNew: true)).ShouldBeEmpty();
        (await outbox.WaitingAsync(feed.Id, 0, 10, Token)).ShouldBeEmpty();
        (await outbox.ExpireAsync(feed.Id, Token)).ShouldBe(1);
        (await StateAsync(host, message)).ShouldBe(MessageState.Expired);
        (await outbox.AcknowledgeAsync(feed.Id, [message.Id], Token)).ShouldBe(0);
    }

    // docs/states.md: every arrow of the drawing, and no other.
    [Theory]
    [InlineData(MessageState.Acknowledged)]
    [InlineData(MessageState.Expired)]
    [InlineData(MessageState.Revoked)]
    public void A_message_that_is_settled_stays_as_it_is(MessageState settled)
    {
        var now = _clock.GetUtcNow();
        foreach (var wasSent in new[] { false, true })
        {
            var message = Message.Write(1, 1, 0, "owner", now, now.AddDays(1));
            message.State.ShouldBe(MessageState.Waiting);
            if (wasSent)
            {
                message.Send(MessageChannel.Push, now);
                message.State.ShouldBe(MessageState.Sent);
                message.Send(MessageChannel.Stream, now);
                message.Way.ShouldBe(MessageChannel.Stream);
            }

            message.Settle(settled, now);
            foreach (var other in new[] { MessageState.Acknowledged, MessageState.Expired, MessageState.Revoked })
            {
                message.Settle(other, now.AddMinutes(1));
                message.Send(MessageChannel.Push, now.AddMinutes(1));
            }

            message.State.ShouldBe(settled);
            message.SettledAt.ShouldBe(now);
        }
    }

    [Theory, BothDatabases]
    public async Task Many_who_write_at_once_get_numbers_of_their_own_and_no_more_than_may_wait(Database database)
    {
        await using var host = await StartAsync(database, _clock);
        var (feed, outbox) = (await host.OpenFeedAsync(), host.Get<Outbox>());

        var outcomes = await Task.WhenAll(Enumerable.Range(0, Message.MostUnsettled + 5)
            .Select(
                _ =>
                    outbox.WriteAsync(
                        feed.Id, feed.AccessVersion, new MessageDraft(0, "owner", TimeSpan.FromHours(1), null) { Text = "x" }, Token)));

        outcomes.OfType<WriteOutcome.Written>().Select(written => written.Message.Id).Distinct().Count().ShouldBe(Message.MostUnsettled);
        outcomes.OfType<WriteOutcome.Full>().Count().ShouldBe(5);
    }

    private static async Task<Message> WriteAsync(LedgerHost host, Feed feed) => (await host.Get<Outbox>()
        .WriteAsync(
            feed.Id, feed.AccessVersion, new MessageDraft(0, "owner", TimeSpan.FromHours(1), null) { Text = "x" },
            Token)).ShouldBeOfType<WriteOutcome.Written>().Message;

    private async Task<IReadOnlyList<long>> TakeAsync(Outbox outbox, Feed feed, bool isNew)
    {
        _clock.Advance(TimeSpan.FromMilliseconds(10));
        return [.. (await outbox.TakeAsync(feed.Id, Format, isNew ? _clock.GetUtcNow() : null, All, Token)).Select(message => message.Id)];
    }

    private static async Task<MessageState> StateAsync(LedgerHost host, Message message)
    {
        await using var context = host.Context();
        return await context.Messages.Where(row => row.FeedId == message.FeedId && row.Id == message.Id).Select(row => row.State)
            .SingleAsync(Token);
    }

    private static IReadOnlyList<Message> All(IReadOnlyList<Message> waiting) => waiting;
}
