using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace ActivityHub.Migrations.Postgres.Migrations
{
    /// <inheritdoc />
    public partial class CursorOfSubscription : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateIndex(
                name: "IX_cursors_bucket_feed_id_subscription_id",
                table: "cursors",
                columns: new[] { "bucket", "feed_id", "subscription_id" },
                unique: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_cursors_bucket_feed_id_subscription_id",
                table: "cursors");
        }
    }
}
