using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace ActivityHub.Migrations.Postgres.Migrations
{
    /// <inheritdoc />
    public partial class BoundedDeliveries : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<bool>(
                name: "echoes",
                table: "subscriptions",
                type: "boolean",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<short>(
                name: "notes",
                table: "cursors",
                type: "smallint",
                nullable: false,
                defaultValue: (short)0);

            migrationBuilder.AddColumn<Guid>(
                name: "delivery",
                table: "attempts",
                type: "uuid",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "digest",
                table: "attempts",
                type: "bigint",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "gap_from",
                table: "attempts",
                type: "bigint",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "gap_to",
                table: "attempts",
                type: "bigint",
                nullable: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "echoes",
                table: "subscriptions");

            migrationBuilder.DropColumn(
                name: "notes",
                table: "cursors");

            migrationBuilder.DropColumn(
                name: "delivery",
                table: "attempts");

            migrationBuilder.DropColumn(
                name: "digest",
                table: "attempts");

            migrationBuilder.DropColumn(
                name: "gap_from",
                table: "attempts");

            migrationBuilder.DropColumn(
                name: "gap_to",
                table: "attempts");
        }
    }
}
