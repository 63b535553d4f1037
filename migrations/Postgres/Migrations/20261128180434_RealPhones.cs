using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace ActivityHub.Migrations.Postgres.Migrations
{
    /// <inheritdoc />
    public partial class RealPhones : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<bool>(
                name: "has_mail",
                table: "feeds",
                type: "boolean",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<byte[]>(
                name: "passphrase",
                table: "devices",
                type: "bytea",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "taken_kinds",
                table: "devices",
                type: "character varying(1000)",
                maxLength: 1000,
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "thin_metres",
                table: "devices",
                type: "integer",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "thin_minutes",
                table: "devices",
                type: "integer",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "followers",
                columns: table => new
                {
                    bucket = table.Column<short>(type: "smallint", nullable: false),
                    feed_id = table.Column<long>(type: "bigint", nullable: false),
                    name = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: false),
                    cursor = table.Column<long>(type: "bigint", nullable: false),
                    leased_until = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    lease_id = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_followers", x => new { x.bucket, x.feed_id, x.name });
                });

            migrationBuilder.CreateTable(
                name: "messages",
                columns: table => new
                {
                    bucket = table.Column<short>(type: "smallint", nullable: false),
                    feed_id = table.Column<long>(type: "bigint", nullable: false),
                    id = table.Column<long>(type: "bigint", nullable: false),
                    grant_id = table.Column<long>(type: "bigint", nullable: false),
                    sender = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: false),
                    kind = table.Column<short>(type: "smallint", nullable: false),
                    text = table.Column<string>(type: "character varying(2000)", maxLength: 2000, nullable: true),
                    url = table.Column<string>(type: "character varying(2000)", maxLength: 2000, nullable: true),
                    command = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: true),
                    arguments = table.Column<string>(type: "character varying(4096)", maxLength: 4096, nullable: true),
                    state = table.Column<short>(type: "smallint", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    expires_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    sent_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    way = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: true),
                    settled_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_messages", x => new { x.bucket, x.feed_id, x.id });
                });

            migrationBuilder.CreateTable(
                name: "places",
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
                    table.PrimaryKey("PK_places", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "presences",
                columns: table => new
                {
                    bucket = table.Column<short>(type: "smallint", nullable: false),
                    feed_id = table.Column<long>(type: "bigint", nullable: false),
                    place_id = table.Column<long>(type: "bigint", nullable: false),
                    is_inside = table.Column<bool>(type: "boolean", nullable: false),
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_presences", x => new { x.bucket, x.feed_id, x.place_id });
                });

            migrationBuilder.CreateTable(
                name: "push_endpoints",
                columns: table => new
                {
                    bucket = table.Column<short>(type: "smallint", nullable: false),
                    feed_id = table.Column<long>(type: "bigint", nullable: false),
                    id = table.Column<long>(type: "bigint", nullable: false),
                    url_hash = table.Column<byte[]>(type: "bytea", nullable: false),
                    @sealed = table.Column<byte[]>(name: "sealed", type: "bytea", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    pushed_up_to = table.Column<long>(type: "bigint", nullable: false),
                    due_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    leased_until = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    lease_id = table.Column<long>(type: "bigint", nullable: false),
                    failures = table.Column<int>(type: "integer", nullable: false),
                    last_status = table.Column<int>(type: "integer", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_push_endpoints", x => new { x.bucket, x.feed_id, x.id });
                });

            migrationBuilder.CreateTable(
                name: "rejected_messages",
                columns: table => new
                {
                    bucket = table.Column<short>(type: "smallint", nullable: false),
                    feed_id = table.Column<long>(type: "bigint", nullable: false),
                    id = table.Column<long>(type: "bigint", nullable: false),
                    received_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    format = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: false),
                    reason = table.Column<string>(type: "character varying(500)", maxLength: 500, nullable: false),
                    envelope = table.Column<string>(type: "text", nullable: false),
                    body = table.Column<byte[]>(type: "bytea", nullable: false),
                    length = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_rejected_messages", x => new { x.bucket, x.feed_id, x.id });
                });

            migrationBuilder.CreateTable(
                name: "sightings",
                columns: table => new
                {
                    bucket = table.Column<short>(type: "smallint", nullable: false),
                    feed_id = table.Column<long>(type: "bigint", nullable: false),
                    last_seen_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    format = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: false),
                    app = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: true),
                    last_error = table.Column<string>(type: "character varying(500)", maxLength: 500, nullable: true),
                    last_error_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_sightings", x => new { x.bucket, x.feed_id });
                });

            migrationBuilder.CreateTable(
                name: "thinned_places",
                columns: table => new
                {
                    bucket = table.Column<short>(type: "smallint", nullable: false),
                    feed_id = table.Column<long>(type: "bigint", nullable: false),
                    lat = table.Column<double>(type: "double precision", nullable: false),
                    lon = table.Column<double>(type: "double precision", nullable: false),
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    merged_up_to = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    merged = table.Column<long>(type: "bigint", nullable: false),
                    merged_in_all = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_thinned_places", x => new { x.bucket, x.feed_id });
                });

            migrationBuilder.CreateIndex(
                name: "IX_followers_name",
                table: "followers",
                column: "name");

            migrationBuilder.CreateIndex(
                name: "IX_messages_bucket_feed_id_state",
                table: "messages",
                columns: new[] { "bucket", "feed_id", "state" });

            migrationBuilder.CreateIndex(
                name: "IX_messages_expires_at",
                table: "messages",
                column: "expires_at");

            migrationBuilder.CreateIndex(
                name: "IX_places_account_id",
                table: "places",
                column: "account_id");

            migrationBuilder.CreateIndex(
                name: "IX_push_endpoints_bucket_feed_id_url_hash",
                table: "push_endpoints",
                columns: new[] { "bucket", "feed_id", "url_hash" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_push_endpoints_due_at",
                table: "push_endpoints",
                column: "due_at",
                filter: "due_at IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_rejected_messages_bucket_feed_id_received_at",
                table: "rejected_messages",
                columns: new[] { "bucket", "feed_id", "received_at" });

            migrationBuilder.CreateIndex(
                name: "IX_rejected_messages_received_at",
                table: "rejected_messages",
                column: "received_at");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "followers");

            migrationBuilder.DropTable(
                name: "messages");

            migrationBuilder.DropTable(
                name: "places");

            migrationBuilder.DropTable(
                name: "presences");

            migrationBuilder.DropTable(
                name: "push_endpoints");

            migrationBuilder.DropTable(
                name: "rejected_messages");

            migrationBuilder.DropTable(
                name: "sightings");

            migrationBuilder.DropTable(
                name: "thinned_places");

            migrationBuilder.DropColumn(
                name: "has_mail",
                table: "feeds");

            migrationBuilder.DropColumn(
                name: "passphrase",
                table: "devices");

            migrationBuilder.DropColumn(
                name: "taken_kinds",
                table: "devices");

            migrationBuilder.DropColumn(
                name: "thin_metres",
                table: "devices");

            migrationBuilder.DropColumn(
                name: "thin_minutes",
                table: "devices");
        }
    }
}
