using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace ActivityHub.Migrations.Sqlite.Migrations
{
    /// <summary>Names tables and a column by the terms that their types use.</summary>
    public partial class TermsOfTheField : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            // SQLite keeps the names of the primary keys: changing them would copy the tables.
            migrationBuilder.RenameTable(name: "sightings", newName: "device_statuses");
            migrationBuilder.RenameTable(name: "mail_brakes", newName: "mail_throttles");
            migrationBuilder.RenameTable(name: "parked", newName: "parked_updates");
            migrationBuilder.RenameIndex(name: "IX_mail_brakes_asked_at", table: "mail_throttles", newName: "IX_mail_throttles_asked_at");
            migrationBuilder.RenameColumn(name: "applied", table: "subscriptions", newName: "applied_request");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.RenameTable(name: "device_statuses", newName: "sightings");
            migrationBuilder.RenameTable(name: "mail_throttles", newName: "mail_brakes");
            migrationBuilder.RenameTable(name: "parked_updates", newName: "parked");
            migrationBuilder.RenameIndex(name: "IX_mail_throttles_asked_at", table: "mail_brakes", newName: "IX_mail_brakes_asked_at");
            migrationBuilder.RenameColumn(name: "applied_request", table: "subscriptions", newName: "applied");
        }
    }
}
