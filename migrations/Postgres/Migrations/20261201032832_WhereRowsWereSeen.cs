using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace ActivityHub.Migrations.Postgres.Migrations
{
    /// <inheritdoc />
    public partial class WhereRowsWereSeen : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<long>(
                name: "cell100m",
                table: "updates",
                type: "bigint",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "cell10km",
                table: "updates",
                type: "bigint",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "cell1km",
                table: "updates",
                type: "bigint",
                nullable: true);

            migrationBuilder.AddColumn<double>(
                name: "judged_accuracy",
                table: "updates",
                type: "double precision",
                nullable: true);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "judged_at",
                table: "updates",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<double>(
                name: "judged_lat",
                table: "updates",
                type: "double precision",
                nullable: true);

            migrationBuilder.AddColumn<double>(
                name: "judged_lon",
                table: "updates",
                type: "double precision",
                nullable: true);

            migrationBuilder.AddColumn<byte[]>(
                name: "place",
                table: "feeds",
                type: "bytea",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "rejudged",
                table: "feeds",
                type: "integer",
                nullable: false,
                defaultValue: 0);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "cell100m",
                table: "updates");

            migrationBuilder.DropColumn(
                name: "cell10km",
                table: "updates");

            migrationBuilder.DropColumn(
                name: "cell1km",
                table: "updates");

            migrationBuilder.DropColumn(
                name: "judged_accuracy",
                table: "updates");

            migrationBuilder.DropColumn(
                name: "judged_at",
                table: "updates");

            migrationBuilder.DropColumn(
                name: "judged_lat",
                table: "updates");

            migrationBuilder.DropColumn(
                name: "judged_lon",
                table: "updates");

            migrationBuilder.DropColumn(
                name: "place",
                table: "feeds");

            migrationBuilder.DropColumn(
                name: "rejudged",
                table: "feeds");
        }
    }
}
