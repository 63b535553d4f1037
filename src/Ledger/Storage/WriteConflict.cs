using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace ActivityHub.Ledger.Storage;

/// <summary>
/// Recognizes a transaction that failed because a concurrent one was quicker: it used the same key, changed the same row, or held a lock.
/// SQLite has one writer, so it has no such conflicts.
/// </summary>
internal static class WriteConflict
{
    public static bool Is(Exception exception)
    {
        for (var cause = exception; cause is not null; cause = cause.InnerException)
        {
            switch (cause)
            {
                case PostgresException postgres:
                    return postgres.SqlState is PostgresErrorCodes.UniqueViolation or PostgresErrorCodes.DeadlockDetected or
                        PostgresErrorCodes.SerializationFailure;
                // The row was deleted or changed between the read and the write.
                case DbUpdateConcurrencyException { InnerException: null }:
                    return true;
            }
        }

        return false;
    }
}
