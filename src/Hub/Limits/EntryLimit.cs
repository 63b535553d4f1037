namespace ActivityHub.Hub.Limits;

/// <summary>What bounds how often and by how many an entry point is used.</summary>
[Flags]
internal enum EntryLimit
{
    /// <summary>Nothing but the number of connections: see the row.</summary>
    None = 0,

    /// <summary>Requests to pages and API by client: <c>Limits:Client*</c>.</summary>
    Client = 1,

    /// <summary>Requests in the name of an account: <c>Limits:Account*</c>.</summary>
    Account = 2,

    /// <summary>Reads by client: <c>Limits:Reader*</c>.</summary>
    Reader = 4,

    /// <summary>Reads by grant, or by owner: <c>Limits:Grant*</c>.</summary>
    Grant = 8,

    /// <summary>Requests by phone: <c>Limits:Device*</c>.</summary>
    Device = 16,

    /// <summary>Keys that open nothing, by client: <c>Limits:WrongKeysPerMinute</c>.</summary>
    WrongKeys = 32,

    /// <summary>Open streams, by client, key, account and in all: <c>Limits:Streams*</c>, <c>Streams:MaxStreams</c>.</summary>
    Seats = 64,

    /// <summary>Passwords: by client and account, in a row, and two at a time.</summary>
    Passwords = 128,

    /// <summary>One of an account, two of the process.</summary>
    OneAtATime = 256,

    /// <summary>Requests of subscribers by client and by topic: <c>Subscriptions:*</c>.</summary>
    Subscribers = 512,

    /// <summary>Messages under a grant, by the minute and the hour, in the ledger.</summary>
    Messages = 1024,

    /// <summary>Feeds on trial by client and in all: <c>Try:*</c>.</summary>
    Visitors = 2048,

    /// <summary>Connections by client and in all: <c>Mqtt:MaxConnections</c>.</summary>
    Places = 4096,
}
