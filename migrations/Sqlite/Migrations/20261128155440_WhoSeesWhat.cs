using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace ActivityHub.Migrations.Sqlite.Migrations
{
    /// <inheritdoc />
    public partial class WhoSeesWhat : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<long>(
                name: "withdrawn_by",
                table: "updates",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<byte[]>(
                name: "withdraws",
                table: "updates",
                type: "BLOB",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "withdraws_received",
                table: "updates",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "private_zones",
                columns: table => new
                {
                    id = table.Column<long>(type: "INTEGER", nullable: false),
                    account_id = table.Column<long>(type: "INTEGER", nullable: false),
                    name = table.Column<string>(type: "TEXT", maxLength: 100, nullable: false),
                    lat = table.Column<double>(type: "REAL", nullable: false),
                    lon = table.Column<double>(type: "REAL", nullable: false),
                    radius = table.Column<double>(type: "REAL", nullable: false),
                    created_at = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_private_zones", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "receipts",
                columns: table => new
                {
                    bucket = table.Column<short>(type: "INTEGER", nullable: false),
                    feed_id = table.Column<long>(type: "INTEGER", nullable: false),
                    hour = table.Column<long>(type: "INTEGER", nullable: false),
                    grant_id = table.Column<long>(type: "INTEGER", nullable: false),
                    way = table.Column<short>(type: "INTEGER", nullable: false),
                    place = table.Column<string>(type: "TEXT", maxLength: 120, nullable: false),
                    grant_name = table.Column<string>(type: "TEXT", maxLength: 100, nullable: false),
                    times = table.Column<int>(type: "INTEGER", nullable: false),
                    from_seq = table.Column<long>(type: "INTEGER", nullable: false),
                    to_seq = table.Column<long>(type: "INTEGER", nullable: false),
                    last_at = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_receipts", x => new { x.bucket, x.feed_id, x.hour, x.grant_id, x.way, x.place });
                });

            migrationBuilder.CreateIndex(
                name: "IX_private_zones_account_id",
                table: "private_zones",
                column: "account_id");

            migrationBuilder.CreateIndex(
                name: "IX_receipts_hour",
                table: "receipts",
                column: "hour");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "private_zones");

            migrationBuilder.DropTable(
                name: "receipts");

            migrationBuilder.DropColumn(
                name: "withdrawn_by",
                table: "updates");

            migrationBuilder.DropColumn(
                name: "withdraws",
                table: "updates");

            migrationBuilder.DropColumn(
                name: "withdraws_received",
                table: "updates");
        }
    }
}
