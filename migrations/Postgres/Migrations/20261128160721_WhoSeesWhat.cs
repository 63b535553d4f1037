using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace ActivityHub.Migrations.Postgres.Migrations
{
    /// <inheritdoc />
    public partial class WhoSeesWhat : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            // PostgreSQL takes what it counts in a sample for the number of feeds, and a feed for so short that any index that begins with it is as good as
            // another. With fewer it takes feeds for long, and the index that names all that is asked for.
            migrationBuilder.Sql(
                "ALTER TABLE updates ALTER COLUMN feed_id SET (n_distinct = 100); ALTER TABLE cursors ALTER COLUMN feed_id SET (n_distinct = 100); " +
                "ALTER TABLE cursors ALTER COLUMN shard SET (n_distinct = 16); ANALYZE updates; ANALYZE cursors;");

            migrationBuilder.DropIndex(
                name: "IX_updates_bucket_feed_id_kind_seq",
                table: "updates");

            migrationBuilder.AddColumn<long>(
                name: "withdrawn_by",
                table: "updates",
                type: "bigint",
                nullable: true);

            migrationBuilder.AddColumn<Guid>(
                name: "withdraws",
                table: "updates",
                type: "uuid",
                nullable: true);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "withdraws_received",
                table: "updates",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "email_confirmed_at",
                table: "accounts",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "security_stamp",
                table: "accounts",
                type: "character varying(32)",
                maxLength: 32,
                nullable: false,
                defaultValue: "");

            migrationBuilder.AddColumn<bool>(
                name: "is_session",
                table: "account_tokens",
                type: "boolean",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "last_used_at",
                table: "account_tokens",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "name",
                table: "account_tokens",
                type: "character varying(100)",
                maxLength: 100,
                nullable: true);

            migrationBuilder.CreateTable(
                name: "account_passkeys",
                columns: table => new
                {
                    credential_id = table.Column<byte[]>(type: "bytea", nullable: false),
                    account_id = table.Column<long>(type: "bigint", nullable: false),
                    name = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: true),
                    public_key = table.Column<byte[]>(type: "bytea", nullable: false),
                    sign_count = table.Column<long>(type: "bigint", nullable: false),
                    transports = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: true),
                    is_user_verified = table.Column<bool>(type: "boolean", nullable: false),
                    is_backup_eligible = table.Column<bool>(type: "boolean", nullable: false),
                    is_backed_up = table.Column<bool>(type: "boolean", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    last_used_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_account_passkeys", x => x.credential_id);
                    table.ForeignKey(
                        name: "FK_account_passkeys_accounts_account_id",
                        column: x => x.account_id,
                        principalTable: "accounts",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "private_zones",
                columns: table => new
                {
                    id = table.Column<long>(type: "bigint", nullable: false),
                    account_id = table.Column<long>(type: "bigint", nullable: false),
                    name = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: false),
                    lat = table.Column<double>(type: "double precision", nullable: false),
                    lon = table.Column<double>(type: "double precision", nullable: false),
                    radius = table.Column<double>(type: "double precision", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_private_zones", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "receipts",
                columns: table => new
                {
                    bucket = table.Column<short>(type: "smallint", nullable: false),
                    feed_id = table.Column<long>(type: "bigint", nullable: false),
                    hour = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    grant_id = table.Column<long>(type: "bigint", nullable: false),
                    way = table.Column<short>(type: "smallint", nullable: false),
                    place = table.Column<string>(type: "character varying(120)", maxLength: 120, nullable: false),
                    grant_name = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: false),
                    times = table.Column<int>(type: "integer", nullable: false),
                    from_seq = table.Column<long>(type: "bigint", nullable: false),
                    to_seq = table.Column<long>(type: "bigint", nullable: false),
                    last_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_receipts", x => new { x.bucket, x.feed_id, x.hour, x.grant_id, x.way, x.place });
                });

            migrationBuilder.CreateTable(
                name: "sign_in_failures",
                columns: table => new
                {
                    subject = table.Column<long>(type: "bigint", nullable: false),
                    in_a_row = table.Column<int>(type: "integer", nullable: false),
                    last_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    locked_until = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_sign_in_failures", x => x.subject);
                });

            migrationBuilder.CreateIndex(
                name: "IX_updates_bucket_kind_feed_id_seq",
                table: "updates",
                columns: new[] { "bucket", "kind", "feed_id", "seq" });

            migrationBuilder.CreateIndex(
                name: "IX_subscriptions_ended_at",
                table: "subscriptions",
                column: "ended_at",
                filter: "ended_at IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_account_passkeys_account_id",
                table: "account_passkeys",
                column: "account_id");

            migrationBuilder.CreateIndex(
                name: "IX_private_zones_account_id",
                table: "private_zones",
                column: "account_id");

            migrationBuilder.CreateIndex(
                name: "IX_receipts_hour",
                table: "receipts",
                column: "hour");

            migrationBuilder.CreateIndex(
                name: "IX_sign_in_failures_last_at",
                table: "sign_in_failures",
                column: "last_at");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "account_passkeys");

            migrationBuilder.DropTable(
                name: "private_zones");

            migrationBuilder.DropTable(
                name: "receipts");

            migrationBuilder.DropTable(
                name: "sign_in_failures");

            migrationBuilder.DropIndex(
                name: "IX_updates_bucket_kind_feed_id_seq",
                table: "updates");

            migrationBuilder.DropIndex(
                name: "IX_subscriptions_ended_at",
                table: "subscriptions");

            migrationBuilder.DropColumn(
                name: "withdrawn_by",
                table: "updates");

            migrationBuilder.DropColumn(
                name: "withdraws",
                table: "updates");

            migrationBuilder.DropColumn(
                name: "withdraws_received",
                table: "updates");

            migrationBuilder.DropColumn(
                name: "email_confirmed_at",
                table: "accounts");

            migrationBuilder.DropColumn(
                name: "security_stamp",
                table: "accounts");

            migrationBuilder.DropColumn(
                name: "is_session",
                table: "account_tokens");

            migrationBuilder.DropColumn(
                name: "last_used_at",
                table: "account_tokens");

            migrationBuilder.DropColumn(
                name: "name",
                table: "account_tokens");

            migrationBuilder.CreateIndex(
                name: "IX_updates_bucket_feed_id_kind_seq",
                table: "updates",
                columns: new[] { "bucket", "feed_id", "kind", "seq" });
        }
    }
}
