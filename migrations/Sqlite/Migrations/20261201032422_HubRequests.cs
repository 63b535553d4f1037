using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace ActivityHub.Migrations.Sqlite.Migrations
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
                type: "INTEGER",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<byte[]>(
                name: "proven_secret",
                table: "subscriptions",
                type: "BLOB",
                nullable: true);

            // What was confirmed before is its subscriber's.
            migrationBuilder.Sql("UPDATE subscriptions SET proven_secret = secret WHERE secret IS NOT NULL;");

            migrationBuilder.CreateTable(
                name: "subscription_requests",
                columns: table => new
                {
                    bucket = table.Column<short>(type: "INTEGER", nullable: false),
                    feed_id = table.Column<long>(type: "INTEGER", nullable: false),
                    id = table.Column<long>(type: "INTEGER", nullable: false),
                    identity = table.Column<byte[]>(type: "BLOB", nullable: false),
                    mode = table.Column<int>(type: "INTEGER", nullable: false),
                    callback = table.Column<string>(type: "TEXT", maxLength: 2048, nullable: false),
                    format = table.Column<int>(type: "INTEGER", nullable: false),
                    kinds = table.Column<string>(type: "TEXT", nullable: true),
                    grant_id = table.Column<long>(type: "INTEGER", nullable: true),
                    lease_seconds = table.Column<int>(type: "INTEGER", nullable: false),
                    has_key = table.Column<bool>(type: "INTEGER", nullable: false),
                    network = table.Column<string>(type: "TEXT", maxLength: 50, nullable: false),
                    state = table.Column<int>(type: "INTEGER", nullable: false),
                    created_at = table.Column<long>(type: "INTEGER", nullable: false),
                    asked_at = table.Column<long>(type: "INTEGER", nullable: true),
                    tries = table.Column<int>(type: "INTEGER", nullable: false),
                    next_at = table.Column<long>(type: "INTEGER", nullable: true),
                    status = table.Column<short>(type: "INTEGER", nullable: true),
                    reason = table.Column<string>(type: "TEXT", maxLength: 300, nullable: true),
                    beginning = table.Column<string>(type: "TEXT", maxLength: 100, nullable: true),
                    lease_until = table.Column<long>(type: "INTEGER", nullable: true),
                    secret_changed = table.Column<bool>(type: "INTEGER", nullable: true),
                    kept_its_place = table.Column<bool>(type: "INTEGER", nullable: false),
                    ended_at = table.Column<long>(type: "INTEGER", nullable: true)
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
