using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace ActivityHub.Migrations.Postgres.Migrations
{
    /// <summary>Names tables and a column by the terms that their types use.</summary>
    public partial class TermsOfTheField : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            // PostgreSQL renames a constraint without building its index again.
            migrationBuilder.RenameTable(name: "sightings", newName: "device_statuses");
            migrationBuilder.Sql("""ALTER TABLE device_statuses RENAME CONSTRAINT "PK_sightings" TO "PK_device_statuses";""");
            migrationBuilder.RenameTable(name: "mail_brakes", newName: "mail_throttles");
            migrationBuilder.Sql("""ALTER TABLE mail_throttles RENAME CONSTRAINT "PK_mail_brakes" TO "PK_mail_throttles";""");
            migrationBuilder.RenameTable(name: "parked", newName: "parked_updates");
            migrationBuilder.Sql("""ALTER TABLE parked_updates RENAME CONSTRAINT "PK_parked" TO "PK_parked_updates";""");
            migrationBuilder.RenameIndex(name: "IX_mail_brakes_asked_at", table: "mail_throttles", newName: "IX_mail_throttles_asked_at");
            migrationBuilder.RenameColumn(name: "applied", table: "subscriptions", newName: "applied_request");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.RenameTable(name: "device_statuses", newName: "sightings");
            migrationBuilder.Sql("""ALTER TABLE sightings RENAME CONSTRAINT "PK_device_statuses" TO "PK_sightings";""");
            migrationBuilder.RenameTable(name: "mail_throttles", newName: "mail_brakes");
            migrationBuilder.Sql("""ALTER TABLE mail_brakes RENAME CONSTRAINT "PK_mail_throttles" TO "PK_mail_brakes";""");
            migrationBuilder.RenameTable(name: "parked_updates", newName: "parked");
            migrationBuilder.Sql("""ALTER TABLE parked RENAME CONSTRAINT "PK_parked_updates" TO "PK_parked";""");
            migrationBuilder.RenameIndex(name: "IX_mail_throttles_asked_at", table: "mail_brakes", newName: "IX_mail_brakes_asked_at");
            migrationBuilder.RenameColumn(name: "applied_request", table: "subscriptions", newName: "applied");
        }
    }
}
