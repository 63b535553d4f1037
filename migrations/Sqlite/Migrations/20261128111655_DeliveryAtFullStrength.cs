using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace ActivityHub.Migrations.Sqlite.Migrations
{
    /// <inheritdoc />
    public partial class DeliveryAtFullStrength : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_cursors_due_at",
                table: "cursors");

            migrationBuilder.AddColumn<string>(
                name: "trace",
                table: "updates",
                type: "TEXT",
                maxLength: 55,
                nullable: true);

            migrationBuilder.AddColumn<short>(
                name: "batch_limit",
                table: "cursors",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "parked",
                table: "cursors",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<bool>(
                name: "redeliver",
                table: "cursors",
                type: "INTEGER",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<short>(
                name: "refusals",
                table: "cursors",
                type: "INTEGER",
                nullable: false,
                defaultValue: (short)0);

            migrationBuilder.AddColumn<long>(
                name: "replay_after",
                table: "cursors",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "notices",
                columns: table => new
                {
                    bucket = table.Column<short>(type: "INTEGER", nullable: false),
                    feed_id = table.Column<long>(type: "INTEGER", nullable: false),
                    subscription_id = table.Column<long>(type: "INTEGER", nullable: false),
                    kind = table.Column<int>(type: "INTEGER", nullable: false),
                    about = table.Column<long>(type: "INTEGER", nullable: false),
                    id = table.Column<byte[]>(type: "BLOB", nullable: false),
                    account_id = table.Column<long>(type: "INTEGER", nullable: false),
                    at = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_notices", x => new { x.bucket, x.feed_id, x.subscription_id, x.kind, x.about });
                });

            migrationBuilder.CreateTable(
                name: "parked",
                columns: table => new
                {
                    bucket = table.Column<short>(type: "INTEGER", nullable: false),
                    feed_id = table.Column<long>(type: "INTEGER", nullable: false),
                    subscription_id = table.Column<long>(type: "INTEGER", nullable: false),
                    seq = table.Column<long>(type: "INTEGER", nullable: false),
                    parked_at = table.Column<long>(type: "INTEGER", nullable: false),
                    status = table.Column<short>(type: "INTEGER", nullable: true),
                    error = table.Column<string>(type: "TEXT", maxLength: 300, nullable: true),
                    answer = table.Column<string>(type: "TEXT", maxLength: 1024, nullable: true),
                    wanted_at = table.Column<long>(type: "INTEGER", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_parked", x => new { x.bucket, x.feed_id, x.subscription_id, x.seq });
                });

            migrationBuilder.CreateIndex(
                name: "ix_cursors_behind",
                table: "cursors",
                column: "due_at",
                filter: "lane = 1 AND failures = 0");

            migrationBuilder.CreateIndex(
                name: "ix_cursors_retries",
                table: "cursors",
                column: "due_at",
                filter: "lane = 1 AND failures > 0");

            migrationBuilder.CreateIndex(
                name: "IX_notices_account_id_id",
                table: "notices",
                columns: new[] { "account_id", "id" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "notices");

            migrationBuilder.DropTable(
                name: "parked");

            migrationBuilder.DropIndex(
                name: "ix_cursors_behind",
                table: "cursors");

            migrationBuilder.DropIndex(
                name: "ix_cursors_retries",
                table: "cursors");

            migrationBuilder.DropColumn(
                name: "trace",
                table: "updates");

            migrationBuilder.DropColumn(
                name: "batch_limit",
                table: "cursors");

            migrationBuilder.DropColumn(
                name: "parked",
                table: "cursors");

            migrationBuilder.DropColumn(
                name: "redeliver",
                table: "cursors");

            migrationBuilder.DropColumn(
                name: "refusals",
                table: "cursors");

            migrationBuilder.DropColumn(
                name: "replay_after",
                table: "cursors");

            migrationBuilder.CreateIndex(
                name: "IX_cursors_due_at",
                table: "cursors",
                column: "due_at",
                filter: "lane = 1");
        }
    }
}
