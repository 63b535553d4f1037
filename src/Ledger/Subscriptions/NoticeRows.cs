using System.Data.Common;
using ActivityHub.Ledger.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Storage;

namespace ActivityHub.Ledger.Subscriptions;

/// <summary>Writes notices. If two callers, in any process, write the same notice, only one succeeds.</summary>
public static class NoticeRows
{
    /// <summary>Adds a notice; returns false if it exists already. The caller is in a transaction.</summary>
    public static async Task<bool> TryAddAsync(this LedgerContext context, Notice notice, CancellationToken cancellationToken)
    {
        var type = context.Model.FindEntityType(typeof(Notice))!;
        await using var command = context.Database.GetDbConnection().CreateCommand();
        command.Transaction = context.Database.CurrentTransaction?.GetDbTransaction();
        var columns = new List<string>();
        foreach (var property in type.GetProperties())
        {
            columns.Add(property.GetColumnName());
            command.Parameters.Add(Parameter(command, property, property.PropertyInfo!.GetValue(notice)));
        }

        // The text holds only our own column names; every value is a parameter.
#pragma warning disable CA2100
        command.CommandText =
            $"INSERT INTO notices ({string.Join(", ", columns)}) VALUES ({string.Join(", ", columns.Select(column => "@" + column))}) ON "
            + "CONFLICT DO NOTHING";
#pragma warning restore CA2100
        return await command.ExecuteNonQueryAsync(cancellationToken) > 0;
    }

    // Uses the mapping, which knows how each database stores times and ids.
    private static DbParameter Parameter(DbCommand command, IProperty property, object? value) =>
        property.GetRelationalTypeMapping().CreateParameter(command, "@" + property.GetColumnName(), value, property.IsNullable);
}
