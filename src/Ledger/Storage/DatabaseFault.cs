using System.Data.Common;
using Microsoft.Data.Sqlite;

namespace ActivityHub.Ledger.Storage;

/// <summary>Distinguishes an unavailable database from one that rejects a row.</summary>
public static class DatabaseFault
{
    private const string UniqueViolation = "23505";
    private const string ConstraintClass = "23";
    private const int SqliteConstraint = 19;
    private const int SqliteConstraintUnique = 2067;
    private const int SqliteConstraintPrimaryKey = 1555;

    /// <summary>Whether the database is unavailable. The request itself is valid and can be sent again later.</summary>
    public static bool IsAway(Exception exception) => Find(exception) switch
    {
        // EF Core wraps the last exception of its retries; a pool without a free connection throws TimeoutException.
        null => exception is TimeoutException || exception.InnerException is TimeoutException,
        SqliteException sqlite => sqlite.SqliteErrorCode != SqliteConstraint,
        var other => other.SqlState?.StartsWith(ConstraintClass, StringComparison.Ordinal) != true,
    };

    /// <summary>Whether a row with the same key exists already.</summary>
    public static bool IsDuplicate(Exception exception) => Find(exception) switch
    {
        null => false,
        SqliteException sqlite => sqlite.SqliteExtendedErrorCode is SqliteConstraintUnique or SqliteConstraintPrimaryKey,
        var other => other.SqlState == UniqueViolation,
    };

    private static DbException? Find(Exception? exception)
    {
        for (; exception is not null; exception = exception.InnerException)
        {
            if (exception is DbException database)
            {
                return database;
            }
        }

        return null;
    }
}
