using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace ActivityHub.Ledger.Storage;

/// <summary>
/// Tells a transaction that failed because another one of the same moment was quicker: with the same key, with the row that this one wanted to
/// change, or with a lock. SQLite has one writer, and so no such moments.
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
                // A row that was read is gone, or another, by the time that it is changed.
                case DbUpdateConcurrencyException { InnerException: null }:
                    return true;
            }
        }

        return false;
    }
}
