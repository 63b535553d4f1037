using System.Data.Common;
using ActivityHub.Ledger.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Npgsql;

namespace ActivityHub.Bench.Seeding;

/// <summary>Writes many rows of one entity at once. It bypasses the change tracker but uses the model's column mapping.</summary>
internal static class BulkRows
{
    /// <param name="context">The ledger's context.</param>
    /// <param name="rows">The rows, in the order in which they are stored.</param>
    /// <param name="given">Columns with the same value in all of these rows; the value replaces the one of the new entity.</param>
    public static async Task WriteRowsAsync<T>(
        this LedgerContext context, IEnumerable<T> rows, params (string Column, object Value)[] given)
        where T : class
    {
        var entity = context.Model.FindEntityType(typeof(T))!;
        var table = entity.GetTableName()!;
        var columns = entity.GetProperties().Select(property => new Column(property, given)).ToArray();
        await context.Database.OpenConnectionAsync();
        try
        {
            await (context.Database.GetDbConnection() is NpgsqlConnection postgres
                ? CopyAsync(postgres, table, columns, rows)
                : InsertAsync(context.Database.GetDbConnection(), table, columns, rows));
        }
        finally
        {
            await context.Database.CloseConnectionAsync();
        }
    }

    private static async Task CopyAsync<T>(NpgsqlConnection connection, string table, Column[] columns, IEnumerable<T> rows)
        where T : class
    {
        var names = string.Join(", ", columns.Select(column => column.Quoted));
        await using var copy = await connection.BeginBinaryImportAsync($"COPY {table} ({names}) FROM STDIN (FORMAT binary)");
        foreach (var row in rows)
        {
            await copy.StartRowAsync();
            foreach (var column in columns)
            {
                if (column.ValueOf(row) is { } value)
                {
                    await copy.WriteAsync(value, column.Type);
                }
                else
                {
                    await copy.WriteNullAsync();
                }
            }
        }

        await copy.CompleteAsync();
    }

    private static async Task InsertAsync<T>(DbConnection connection, string table, Column[] columns, IEnumerable<T> rows)
        where T : class
    {
        await using var transaction = await connection.BeginTransactionAsync();
        await using var insert = connection.CreateCommand();
        insert.Transaction = transaction;
        insert.CommandText =
            $"INSERT INTO {table} ({string.Join(", ", columns.Select(column => column.Quoted))}) VALUES "
            + $"({string.Join(", ", columns.Select(column => "@" + column.Name))})";
        foreach (var column in columns)
        {
            var parameter = insert.CreateParameter();
            parameter.ParameterName = "@" + column.Name;
            insert.Parameters.Add(parameter);
        }

        foreach (var row in rows)
        {
            for (var i = 0; i < columns.Length; i++)
            {
                insert.Parameters[i].Value = columns[i].ValueOf(row) ?? DBNull.Value;
            }

            await insert.ExecuteNonQueryAsync();
        }

        await transaction.CommitAsync();
    }

    private sealed class Column(IProperty property, (string Column, object Value)[] given)
    {
        private readonly object? _given = given.FirstOrDefault(one => one.Column == property.GetColumnName()).Value;
        private readonly Func<object?, object?>? _convert = property.GetTypeMapping().Converter?.ConvertToProvider;
        private readonly Func<object, object?> _read = row => property.PropertyInfo!.GetValue(row);

        public string Name { get; } = property.GetColumnName();

        // Quoted because "from" and "to" are SQL keywords.
        public string Quoted => $"\"{Name}\"";

        public string Type { get; } = property.GetColumnType();

        public object? ValueOf(object row)
        {
            var value = _given ?? _read(row);
            return _convert is null || value is null ? value is Enum ? Convert.ToInt32(value) : value : _convert(value);
        }
    }
}
