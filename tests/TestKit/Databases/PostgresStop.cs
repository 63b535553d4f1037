namespace ActivityHub.TestKit;

/// <summary>How a PostgreSQL server is stopped, in the words of <c>pg_ctl stop -m</c>.</summary>
public enum PostgresStop
{
    /// <summary>As a crash would: it recovers from its log when it starts again.</summary>
    Immediate,

    /// <summary>As an operator would: open transactions are rolled back, clients are sent away, everything is written down.</summary>
    Fast,
}
