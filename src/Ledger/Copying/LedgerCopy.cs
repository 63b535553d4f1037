using System.Data;
using System.Data.Common;
using ActivityHub.Ledger.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Storage;

namespace ActivityHub.Ledger.Copying;

/// <summary>
/// Copies all rows of one ledger into an empty one, between any two databases: table by table in the order of <see cref="TableNames"/>, in
/// batches, with unchanged ids and secrets. The copy is read again and compared with the source.
/// </summary>
public static class LedgerCopy
{
    // The number of rows in one transaction.
    private const int BatchSize = 2000;

    private static readonly TimeSpan Patience = TimeSpan.FromHours(6);

    /// <summary>Copies the rows and returns the number of rows of each table.</summary>
    /// <param name="source">The source, read in one snapshot and not changed.</param>
    /// <param name="target">A ledger of the same version, with tables and without rows.</param>
    /// <param name="progress">Called after each table.</param>
    /// <param name="cancellationToken">Cancels the copy; the target is then useless.</param>
    /// <exception cref="LedgerUnavailableException">
    /// The target has rows, a table is unknown, or the copy differs from the source.
    /// </exception>
    public static async Task<IReadOnlyDictionary<string, long>> CopyAsync(
        LedgerContext source, LedgerContext target, Action<string, long>? progress, CancellationToken cancellationToken)
    {
        var (from, to) = (TablesOf(source), TablesOf(target));
        target.Database.SetCommandTimeout(Patience);
        await source.Database.OpenConnectionAsync(cancellationToken);
        await target.Database.OpenConnectionAsync(cancellationToken);
        await CheckTablesAsync(source, from, cancellationToken);
        await CheckTablesAsync(target, to, cancellationToken);
        await CheckEmptyAsync(target, to, cancellationToken);

        // Gives one snapshot on both databases, also while other processes write.
        await using var moment = await source.Database.BeginTransactionAsync(
            source.Database.IsNpgsql() ? IsolationLevel.RepeatableRead : IsolationLevel.Serializable, cancellationToken);
        var counts = new Dictionary<string, long>();
        foreach (var (read, written) in from.Zip(to))
        {
            var copied = await CopyTableAsync(source, read, target, written, cancellationToken);
            var (count, digest) = await SumAsync(target, written, cancellationToken);
            if (copied != (count, digest))
            {
                throw new LedgerUnavailableException(
                    $"The copy of the table {read.Name} differs from the source: {copied.Count} rows were read, and the target "
                    + $"has {count}. "
                    + "The source was not changed; empty the target and try again.");
            }

            counts[read.Name] = count;
            progress?.Invoke(read.Name, count);
        }

        return counts;
    }

    /// <summary>The tables to copy, in order.</summary>
    public static IReadOnlyList<string> TableNames(LedgerContext context) => [.. TablesOf(context).Select(table => table.Name)];

    private static IReadOnlyList<CopiedTable> TablesOf(LedgerContext context) =>
        CopiedTable.Of(context, context.GetService<ISqlGenerationHelper>());

    private static async Task<(long Count, ulong Digest)> CopyTableAsync(
        LedgerContext source, CopiedTable read, LedgerContext target, CopiedTable written, CancellationToken cancellationToken)
    {
        var (row, count, digest) = (read.NewRow(), 0L, 0UL);
        await using var select = Command(source, read.Select);
        await using var insert = written.InsertInto(target.Database.GetDbConnection());
        await using var reader = await select.ExecuteReaderAsync(cancellationToken);
        var transaction = await target.Database.BeginTransactionAsync(cancellationToken);
        try
        {
            insert.Transaction = transaction.GetDbTransaction();
            await insert.PrepareAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
                read.Read(reader, row);
                written.Fill(insert, row);
                await insert.ExecuteNonQueryAsync(cancellationToken);
                digest = unchecked(digest + CopiedTable.DigestOf(row));
                if (++count % BatchSize == 0)
                {
                    await transaction.CommitAsync(cancellationToken);
                    await transaction.DisposeAsync();
                    transaction = await target.Database.BeginTransactionAsync(cancellationToken);
                    insert.Transaction = transaction.GetDbTransaction();
                }
            }

            if (written.Counted is { } counted && target.Database.IsNpgsql())
            {
                // The sequence continues after the highest copied number.
                await using var set = Command(
                    target,
                    $"SELECT setval(pg_get_serial_sequence('{written.Name}', '{counted}'), "
                    + $"coalesce((SELECT max({counted}) FROM {written.Name}), 0) + 1, false)");
                set.Transaction = transaction.GetDbTransaction();
                await set.ExecuteScalarAsync(cancellationToken);
            }

            await transaction.CommitAsync(cancellationToken);
        }
        finally
        {
            await transaction.DisposeAsync();
        }

        return (count, digest);
    }

    private static async Task<(long Count, ulong Digest)> SumAsync(
        LedgerContext context, CopiedTable table, CancellationToken cancellationToken)
    {
        var (row, count, digest) = (table.NewRow(), 0L, 0UL);
        await using var select = Command(context, table.Select);
        await using var reader = await select.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            table.Read(reader, row);
            digest = unchecked(digest + CopiedTable.DigestOf(row));
            count++;
        }

        return (count, digest);
    }

    // Throws for a table or column outside the model, because it would not be copied.
    private static async Task CheckTablesAsync(
        LedgerContext context, IReadOnlyList<CopiedTable> tables, CancellationToken cancellationToken)
    {
        var there = new HashSet<string>(StringComparer.Ordinal);
        await using (var command = Command(context, context.Database.IsNpgsql()
            ? "SELECT table_name || '.' || column_name FROM information_schema.columns WHERE table_schema = current_schema() AND "
                + "table_name NOT LIKE '\\_\\_ef%'"
            : "SELECT m.name || '.' || c.name FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table' AND m.name NOT "
                + "LIKE 'sqlite\\_%' ESCAPE '\\' AND m.name NOT LIKE '\\_\\_%' ESCAPE '\\'"))
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                there.Add(reader.GetString(0));
            }
        }

        var known = tables.SelectMany(table => table.Columns.Select(column => $"{table.Name}.{column}")).ToHashSet(StringComparer.Ordinal);
        if (there.Except(known).Order(StringComparer.Ordinal).ToList() is { Count: > 0 } unknown)
        {
            throw new LedgerUnavailableException(
                $"The ledger has columns that this version does not know and would not copy: {string.Join(", ", unknown.Take(5))}. Use a "
                + "separate database for the hub.");
        }

        if (known.Except(there).Order(StringComparer.Ordinal).ToList() is { Count: > 0 } missing)
        {
            throw new LedgerUnavailableException(
                $"The ledger lacks {string.Join(", ", missing.Take(5))}: it is of another version. Start a hub of this version on it "
                + "first.");
        }
    }

    private static async Task CheckEmptyAsync(LedgerContext target, IReadOnlyList<CopiedTable> tables, CancellationToken cancellationToken)
    {
        foreach (var table in tables)
        {
            await using var command = Command(target, $"SELECT count(*) FROM (SELECT 1 FROM {table.Name} LIMIT 1) AS found");
            if (Convert.ToInt64(await command.ExecuteScalarAsync(cancellationToken), System.Globalization.CultureInfo.InvariantCulture) > 0)
            {
                throw new LedgerUnavailableException($"The target is not empty: the table {table.Name} has rows. Name an empty database.");
            }
        }
    }

    private static DbCommand Command(LedgerContext context, string text)
    {
        var command = context.Database.GetDbConnection().CreateCommand();
        command.CommandText = text;
        command.CommandTimeout = (int)Patience.TotalSeconds;
        command.Transaction = context.Database.CurrentTransaction?.GetDbTransaction();
        return command;
    }
}
