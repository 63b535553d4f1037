using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace ActivityHub.Migrations.Postgres.Migrations
{
    /// <inheritdoc />
    public partial class HubRequests : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<bool>(
                name: "is_proven",
                table: "verifications",
                type: "boolean",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<byte[]>(
                name: "proven_secret",
                table: "subscriptions",
                type: "bytea",
                nullable: true);

            // What was confirmed before is its subscriber's.
            migrationBuilder.Sql("UPDATE subscriptions SET proven_secret = secret WHERE secret IS NOT NULL;");

            migrationBuilder.CreateTable(
                name: "subscription_requests",
                columns: table => new
                {
                    bucket = table.Column<short>(type: "smallint", nullable: false),
                    feed_id = table.Column<long>(type: "bigint", nullable: false),
                    id = table.Column<long>(type: "bigint", nullable: false),
                    identity = table.Column<byte[]>(type: "bytea", nullable: false),
                    mode = table.Column<int>(type: "integer", nullable: false),
                    callback = table.Column<string>(type: "character varying(2048)", maxLength: 2048, nullable: false),
                    format = table.Column<int>(type: "integer", nullable: false),
                    kinds = table.Column<string>(type: "text", nullable: true),
                    grant_id = table.Column<long>(type: "bigint", nullable: true),
                    lease_seconds = table.Column<int>(type: "integer", nullable: false),
                    has_key = table.Column<bool>(type: "boolean", nullable: false),
                    network = table.Column<string>(type: "character varying(50)", maxLength: 50, nullable: false),
                    state = table.Column<int>(type: "integer", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    asked_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    tries = table.Column<int>(type: "integer", nullable: false),
                    next_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    status = table.Column<short>(type: "smallint", nullable: true),
                    reason = table.Column<string>(type: "character varying(300)", maxLength: 300, nullable: true),
                    beginning = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: true),
                    lease_until = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    secret_changed = table.Column<bool>(type: "boolean", nullable: true),
                    kept_its_place = table.Column<bool>(type: "boolean", nullable: false),
                    ended_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_subscription_requests", x => new { x.bucket, x.feed_id, x.id });
                });

            migrationBuilder.CreateIndex(
                name: "IX_subscription_requests_bucket_feed_id_created_at",
                table: "subscription_requests",
                columns: new[] { "bucket", "feed_id", "created_at" });

            migrationBuilder.CreateIndex(
                name: "IX_subscription_requests_bucket_feed_id_identity_created_at",
                table: "subscription_requests",
                columns: new[] { "bucket", "feed_id", "identity", "created_at" });

            migrationBuilder.CreateIndex(
                name: "IX_subscription_requests_created_at",
                table: "subscription_requests",
                column: "created_at");

            migrationBuilder.CreateIndex(
                name: "IX_subscription_requests_id",
                table: "subscription_requests",
                column: "id");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "subscription_requests");

            migrationBuilder.DropColumn(
                name: "is_proven",
                table: "verifications");

            migrationBuilder.DropColumn(
                name: "proven_secret",
                table: "subscriptions");
        }
    }
}
