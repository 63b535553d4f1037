using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using ActivityHub.Ledger.Storage;
using ActivityHub.Ledger.Storage.Postgres;
using ActivityHub.Ledger.Updates;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Shouldly;
using Xunit;

namespace ActivityHub.Ledger.Tests.Storage;

// docs/architecture.md, Mechanisms, Buckets: every hot table's key begins with bucket, no unique key crosses buckets, and statements name
// buckets, so that the tables can be distributed over machines by bucket. The other tables have no bucket and are small: each machine has a
// full copy.
public sealed partial class OneBucketTests
{
    // These statements search all buckets for due rows. On several machines they would be sent once per bucket, or once per machine.
    private static readonly string[] LookEverywhere = ["PostgresDeliverySql.CatchUp: cursors c",
        "PostgresDeliverySql.Verifications: verifications v", "FeedConsumerClaims.Postgres: followers f"];

    private static readonly IModel Model = ReadModel();
    private static readonly string[] Hot = [.. Model.GetEntityTypes().Where(HasBucket).Select(entity => entity.GetTableName()!)
        .Order(StringComparer.Ordinal)];

    private static readonly Dictionary<string, string> Sql =
        (from type in new[] { typeof(PostgresDeliverySql), typeof(PostgresFeedLog), typeof(PostgresAppendSql), typeof(FeedConsumerClaims) }
         from constant in type.GetFields(BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public)
         where constant.IsLiteral && constant.FieldType == typeof(string) && !constant.Name.StartsWith("Sqlite", StringComparison.Ordinal)
         let sql = (string)constant.GetRawConstantValue()!
         where TableReference().IsMatch(sql)
         select (Name: $"{type.Name}.{constant.Name}", sql)).ToDictionary(found => found.Name, found => found.sql);

    public static TheoryData<string> HotTables => [.. Hot];

    public static TheoryData<string> Statements => [.. Sql.Keys];

    [Fact]
    public void The_hot_tables_are_those_that_grow_with_updates_and_subscriptions() =>
        Hot.ShouldBe([
            "attempts", "cursors", "device_statuses", "fanouts", "feeds", "followers", "generation_heads", "messages", "notices",
            "parked_updates", "presences", "push_endpoints", "receipts", "rejected_messages", "subscription_requests", "subscriptions",
            "thinned_places", "updates", "verifications",
        ]);

    [Theory, MemberData(nameof(HotTables))]
    public void No_key_of_a_hot_table_crosses_buckets(string table)
    {
        var entity = Model.GetEntityTypes().Single(entity => entity.GetTableName() == table);

        entity.FindPrimaryKey()!.Properties[0].Name.ShouldBe("Bucket");
        entity.GetKeys().ShouldAllBe(key => key.Properties.Any(property => property.Name == "Bucket"));
        entity.GetIndexes().Where(index => index.IsUnique)
            .ShouldAllBe(index => index.Properties.Any(property => property.Name == "Bucket"));
        entity.GetForeignKeys().Concat(entity.GetReferencingForeignKeys()).ShouldAllBe(key =>
            key.Properties.Any(property => property.Name == "Bucket") &&
                key.PrincipalKey.Properties.Any(property => property.Name == "Bucket"));
    }

    [Theory, MemberData(nameof(Statements))]
    public void A_hot_statement_finds_the_rows_of_each_table_by_bucket(string name) =>
        WithoutBucket(name, Sql[name]).Except(LookEverywhere).ShouldBeEmpty();

    // When one of these statements gets its buckets, remove it from the list.
    [Fact]
    public void Those_that_look_everywhere_are_named_and_no_others() =>
        Sql.SelectMany(statement => WithoutBucket(statement.Key, statement.Value)).ShouldBe(LookEverywhere, ignoreOrder: true);

    [Theory]
    [InlineData("SELECT 1 FROM cursors c WHERE c.feed_id = $1", "x: cursors c")]
    [InlineData("SELECT 1 FROM cursors c JOIN subscriptions s ON s.id = c.subscription_id WHERE c.bucket = $1", "x: subscriptions s")]
    [InlineData("INSERT INTO attempts (feed_id, bucket) SELECT 1, 2", "x: attempts attempts")]
    [InlineData("DELETE FROM parked_updates WHERE feed_id = $1", "x: parked_updates parked_updates")]
    public void A_statement_that_forgets_the_bucket_would_be_found(string sql, string found) => WithoutBucket("x", sql).ShouldBe([found]);

    // The page must list every table once, with referenced tables first.
    [Fact]
    public void The_way_to_Citus_names_every_table()
    {
        var page = File.ReadAllText(Path.Combine(Root(), "docs", "operations.md"));
        var distributed = Distributed().Matches(page).Select(match => match.Groups[1].Value).ToList();
        var reference = Reference().Matches(page).Select(match => match.Groups[1].Value).ToList();

        distributed.ShouldBe(Hot, ignoreOrder: true);
        reference.ShouldBe(
            Model.GetEntityTypes().Where(entity => !HasBucket(entity)).Select(entity => entity.GetTableName()!), ignoreOrder: true);
        // Distributed tables may reference tables that are copied to each machine, but not the other way round.
        List<string> all = [.. reference, .. distributed];
        foreach (var key in Model.GetEntityTypes().SelectMany(entity => entity.GetForeignKeys()))
        {
            all.IndexOf(key.PrincipalEntityType.GetTableName()!).ShouldBeLessThan(all.IndexOf(key.DeclaringEntityType.GetTableName()!));
        }
    }

    // Finds tables without a bucket condition. For each alias of a table, its bucket must be on the left of a comparison; an insert's first
    // column must be the bucket.
    private static IEnumerable<string> WithoutBucket(string name, string sql) =>
        from reference in TableReference().Matches(sql)
        let table = reference.Groups["table"].Value
        where Hot.Contains(table)
        let inserts = reference.Groups["verb"].Value == "INSERT INTO"
        let alias = reference.Groups["alias"] is { Success: true, Value: var given } && !inserts && !Keywords.Contains(given)
            ? given
            : table
        group inserts by (table, alias) into references
        let needed = references.Count(inserts => !inserts)
        let compared = Regex.Count(
            sql, $@"\b{(references.Key.alias == references.Key.table ? "" : references.Key.alias + @"\.")}bucket\s*(=|BETWEEN)")
        let inserted = references.Contains(true) && !Regex.IsMatch(sql, $@"INSERT INTO {references.Key.table} \(bucket,")
        where compared < needed || inserted
        select $"{name}: {references.Key.table} {references.Key.alias}";

    private static readonly string[] Keywords = ["SET", "WHERE", "ON", "SELECT", "ORDER", "JOIN", "USING", "VALUES"];

    private static bool HasBucket(IEntityType entity) => entity.FindProperty("Bucket") is not null;

    private static IModel ReadModel()
    {
        using var context = new LedgerContext(new DbContextOptionsBuilder<LedgerContext>().UseNpgsql("Host=nowhere").Options);
        return context.Model;
    }

    private static string Root([CallerFilePath] string here = "")
    {
        var folder = new DirectoryInfo(Path.GetDirectoryName(here)!);
        while (!File.Exists(Path.Combine(folder.FullName, "Hub.sln")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("Hub.sln is in no folder above this test.");
        }

        return folder.FullName;
    }

    [GeneratedRegex(@"\b(?<verb>INSERT INTO|DELETE FROM|FROM|JOIN|UPDATE)\s+(?<table>[a-z_]+)\b(?!\()(\s+(?<alias>[A-Za-z_]+))?")]
    private static partial Regex TableReference();

    [GeneratedRegex(@"create_distributed_table\('([a-z_]+)', 'bucket'")]
    private static partial Regex Distributed();

    [GeneratedRegex(@"create_reference_table\('([a-z_]+)'\)")]
    private static partial Regex Reference();
}
