using System.Data.Common;
using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using ActivityHub.Ledger.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Storage;

namespace ActivityHub.Ledger.Copying;

/// <summary>A table of the ledger on one database: its columns, and how their values are read and written.</summary>
internal sealed class CopiedTable
{
    private readonly ISqlGenerationHelper _sql;
    private readonly IReadOnlyList<CopiedColumn> _columns;

    private CopiedTable(string name, IReadOnlyList<CopiedColumn> columns, ISqlGenerationHelper sql)
    {
        Name = name;
        _columns = columns;
        _sql = sql;
    }

    public string Name { get; }

    public IEnumerable<string> Columns => _columns.Select(column => column.Name);

    /// <summary>The column whose numbers the database generates; null if there is none.</summary>
    public string? Counted => _columns.FirstOrDefault(column => column.IsCounted)?.Name;

    /// <summary>
    /// Returns all tables of the model, each after the tables that it references. New tables of the model are copied automatically.
    /// </summary>
    public static IReadOnlyList<CopiedTable> Of(LedgerContext context, ISqlGenerationHelper sql)
    {
        var waiting = context.Model.GetEntityTypes().OrderBy(entity => entity.GetTableName(), StringComparer.Ordinal).ToList();
        var (done, tables) = (new HashSet<IEntityType>(), new List<CopiedTable>());
        while (waiting.Count > 0)
        {
            var next = waiting.First(
                entity => entity.GetForeignKeys().All(key => key.PrincipalEntityType == entity || done.Contains(key.PrincipalEntityType)));
            waiting.Remove(next);
            done.Add(next);
            var table = StoreObjectIdentifier.Table(next.GetTableName()!, next.GetSchema());
            // Sorted by name, so that rows of both databases have the same order of columns.
            tables.Add(new CopiedTable(
                table.Name,
                [.. next.GetProperties().Select(property => new CopiedColumn(property.GetColumnName(table)!, property))
                    .OrderBy(column => column.Name, StringComparer.Ordinal)],
                sql));
        }

        return tables;
    }

    public string Select =>
        $"SELECT {string.Join(", ", _columns.Select(column => _sql.DelimitIdentifier(column.Name)))} FROM {_sql.DelimitIdentifier(Name)}";

    /// <summary>Creates a command that inserts one row. Fill and run it for each row.</summary>
    public DbCommand InsertInto(DbConnection connection)
    {
        var command = connection.CreateCommand();
        command.CommandText =
            $"INSERT INTO {_sql.DelimitIdentifier(Name)} "
            + $"({string.Join(", ", _columns.Select(column => _sql.DelimitIdentifier(column.Name)))}) "
            + $"VALUES ({string.Join(", ", _columns.Select((_, index) => $"@p{index}"))})";
        foreach (var (column, index) in _columns.Select((column, index) => (column, index)))
        {
            command.Parameters.Add(column.Mapping.CreateParameter(command, $"@p{index}", null, nullable: true));
        }

        return command;
    }

    /// <summary>Reads the current row of the reader as values of the model, which are the same for both databases.</summary>
    public void Read(DbDataReader reader, object?[] row)
    {
        for (var index = 0; index < _columns.Count; index++)
        {
            row[index] = reader.IsDBNull(index) ? null : _columns[index].Read(reader, index);
        }
    }

    public void Fill(DbCommand insert, object?[] row)
    {
        for (var index = 0; index < _columns.Count; index++)
        {
            insert.Parameters[index].Value = row[index] is { } value ? _columns[index].ToStored(value) : DBNull.Value;
        }
    }

    public object?[] NewRow() => new object?[_columns.Count];

    /// <summary>
    /// Returns a digest of a row's content. Its sum over a table does not depend on the order of rows or on the database.
    /// </summary>
    public static ulong DigestOf(object?[] row)
    {
        var text = new StringBuilder();
        foreach (var value in row)
        {
            text.Append(value switch
            {
                null => "~",
                byte[] bytes => Convert.ToHexString(bytes),
                DateTimeOffset time => StoredTime.ToMicroseconds(time).ToString(CultureInfo.InvariantCulture),
                DateTime time => (time.Ticks / TimeSpan.TicksPerMicrosecond).ToString(CultureInfo.InvariantCulture),
                double number => BitConverter.DoubleToInt64Bits(number).ToString(CultureInfo.InvariantCulture),
                Enum name => name.ToString("D"),
                _ => Convert.ToString(value, CultureInfo.InvariantCulture),
            }).Append('\u001f');
        }

        return BitConverter.ToUInt64(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }

    private sealed class CopiedColumn(string name, IProperty property)
    {
        private readonly MethodInfo _get = property.GetRelationalTypeMapping().GetDataReaderMethod();

        public string Name => name;

        public RelationalTypeMapping Mapping { get; } = property.GetRelationalTypeMapping();

        public bool IsCounted => property.ValueGenerated == ValueGenerated.OnAdd && property.ClrType == typeof(int);

        public object? Read(DbDataReader reader, int index)
        {
            var stored = _get.Invoke(reader, [index]);
            var value = Mapping.Converter is { } converter ? converter.ConvertFromProvider(stored) : stored;
            // SQLite does not store the kind of a time; all times of the ledger are UTC.
            return value is DateTime { Kind: DateTimeKind.Unspecified } time ? DateTime.SpecifyKind(time, DateTimeKind.Utc) : value;
        }

        public object ToStored(object value) => Mapping.Converter?.ConvertToProvider(value) ?? value;
    }
}
