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
