using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace ActivityHub.Migrations.Postgres.Migrations
{
    /// <inheritdoc />
    public partial class LogGenerations : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "generation_heads",
                columns: table => new
                {
                    bucket = table.Column<short>(type: "smallint", nullable: false),
                    feed_id = table.Column<long>(type: "bigint", nullable: false),
                    generation = table.Column<int>(type: "integer", nullable: false),
                    head = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_generation_heads", x => new { x.bucket, x.feed_id, x.generation });
                    table.ForeignKey(
                        name: "FK_generation_heads_feeds_bucket_feed_id",
                        columns: x => new { x.bucket, x.feed_id },
                        principalTable: "feeds",
                        principalColumns: new[] { "bucket", "id" },
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "log_generations",
                columns: table => new
                {
                    number = table.Column<int>(type: "integer", nullable: false),
                    began_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_log_generations", x => x.number);
                });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "generation_heads");

            migrationBuilder.DropTable(
                name: "log_generations");
        }
    }
}
