namespace ActivityHub.TestKit;

/// <summary>How a PostgreSQL server is stopped, in the terms of <c>pg_ctl stop -m</c>.</summary>
public enum PostgresStop
{
    /// <summary>As in a crash: the server recovers from its log at the next start.</summary>
    Immediate,

    /// <summary>As an operator does it: open transactions are rolled back, clients are disconnected, all data is written to disk.</summary>
    Fast,
}
