using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace ActivityHub.Migrations.Postgres.Migrations
{
    /// <inheritdoc />
    public partial class AppTokenSuccessors : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "app_token_successors",
                columns: table => new
                {
                    reference_id = table.Column<string>(type: "text", nullable: false),
                    consent_id = table.Column<string>(type: "text", nullable: false),
                    answer = table.Column<byte[]>(type: "bytea", nullable: false),
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_app_token_successors", x => x.reference_id);
                    table.ForeignKey(
                        name: "FK_app_token_successors_app_consents_consent_id",
                        column: x => x.consent_id,
                        principalTable: "app_consents",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "IX_app_token_successors_at",
                table: "app_token_successors",
                column: "at");

            migrationBuilder.CreateIndex(
                name: "IX_app_token_successors_consent_id",
                table: "app_token_successors",
                column: "consent_id");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "app_token_successors");
        }
    }
}
