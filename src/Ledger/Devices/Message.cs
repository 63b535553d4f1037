using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ActivityHub.Ledger.Devices;

/// <summary>What a message to a phone is.</summary>
public enum MessageKind : short
{
    Text = 0,
    Link = 1,
    Command = 2,
}

/// <summary>How far a message has come.</summary>
public enum MessageState : short
{
    /// <summary>It has not left yet.</summary>
    Waiting = 0,

    /// <summary>It has been sent at least once; the phone has not said that it has it.</summary>
    Sent = 1,

    /// <summary>The phone has it.</summary>
    Acknowledged = 2,

    /// <summary>Its end came first.</summary>
    Expired = 3,

    /// <summary>The owner, or the end of the grant under which it was sent, took it back.</summary>
    Revoked = 4,
}

/// <summary>
/// A message to a phone from its owner, or from an app that may reply. It waits in the phone's outbox until a channel to the phone is open,
/// and is sent again until the phone acknowledges it: at least once, in order.
/// </summary>
public sealed class Message
{
    public const int MaxTextLength = 2000;
    public const int MaxUrlLength = 2000;
    public const int MaxCommandLength = 64;
    public const int MaxArgumentsLength = 4096;
    public const int MaxWayLength = 20;

    /// <summary>How many of a feed may be on their way.</summary>
    public const int MostUnsettled = 100;

    private Message()
    {
    }

    public short Bucket { get; private set; }

    public long FeedId { get; private set; }

    /// <summary>In the order in which they were sent.</summary>
    public long Id { get; private set; }

    /// <summary>The grant under which it was sent; 0 = the owner.</summary>
    public long GrantId { get; private set; }

    /// <summary>The name of the sender that the phone gets.</summary>
    public string Sender { get; private set; } = "";

    public MessageKind Kind { get; private set; }

    public string? Text { get; private set; }

    public string? Url { get; private set; }

    /// <summary>A word that the phone's app knows.</summary>
    public string? Command { get; private set; }

    /// <summary>Of the command: a JSON object.</summary>
    public string? Arguments { get; private set; }

    public MessageState State { get; private set; }

    public DateTimeOffset CreatedAt { get; private set; }

    public DateTimeOffset ExpiresAt { get; private set; }

    public DateTimeOffset? SentAt { get; private set; }

    /// <summary>
    /// By which way it was sent last: one of <see cref="MessageChannel"/>, or the name of the format in whose answer it stood.
    /// </summary>
    public string? Way { get; private set; }

    public DateTimeOffset? SettledAt { get; private set; }

    public bool IsUnsettled => State is MessageState.Waiting or MessageState.Sent;

    /// <summary>
    /// The next number of a feed whose newest message is that: the time in milliseconds, or one more than the newest. So none is given
    /// twice, although old messages are removed, and those of a stretch of time are a range of the key.
    /// </summary>
    public static long NextId(long? newest, DateTimeOffset now) => Math.Max((newest ?? 0) + 1, now.ToUnixTimeMilliseconds());

    public static Message Write(long feedId, long id, long grantId, string sender, DateTimeOffset now, DateTimeOffset expiresAt) => new()
    {
        Bucket = OpaqueId.BucketOf(feedId),
        FeedId = feedId,
        Id = id,
        GrantId = grantId,
        Sender = sender,
        CreatedAt = now,
        ExpiresAt = expiresAt,
    };

    public void Say(string? text, string? url)
    {
        (Kind, Text, Url) = (url is null ? MessageKind.Text : MessageKind.Link, text, url);
    }

    public void Ask(string command, string? arguments)
    {
        (Kind, Command, Arguments) = (MessageKind.Command, command, arguments);
    }

    /// <summary>It was sent by that way; whether it arrived is for the phone to say.</summary>
    public void Send(string way, DateTimeOffset now)
    {
        if (IsUnsettled)
        {
            (State, Way, SentAt) = (MessageState.Sent, way, now);
        }
    }

    /// <summary>Its last state: it is not sent any more.</summary>
    public void Settle(MessageState state, DateTimeOffset now)
    {
        if (IsUnsettled)
        {
            (State, SettledAt) = (state, now);
        }
    }
}

internal sealed class MessageMapping : IEntityTypeConfiguration<Message>
{
    public void Configure(EntityTypeBuilder<Message> builder)
    {
        builder.ToTable("messages");
        builder.HasKey(row => new { row.Bucket, row.FeedId, row.Id });
        builder.Property(row => row.Bucket).ValueGeneratedNever();
        builder.Property(row => row.FeedId).ValueGeneratedNever();
        builder.Property(row => row.Id).ValueGeneratedNever();
        builder.Property(row => row.Sender).HasMaxLength(Grants.Grant.MaxNameLength);
        builder.Property(row => row.Text).HasMaxLength(Message.MaxTextLength);
        builder.Property(row => row.Url).HasMaxLength(Message.MaxUrlLength);
        builder.Property(row => row.Command).HasMaxLength(Message.MaxCommandLength);
        builder.Property(row => row.Arguments).HasMaxLength(Message.MaxArgumentsLength);
        builder.Property(row => row.Way).HasMaxLength(Message.MaxWayLength);
        builder.Ignore(row => row.IsUnsettled);
        builder.HasIndex(row => row.ExpiresAt);
        builder.HasIndex(row => new { row.Bucket, row.FeedId, row.State });
    }
}
