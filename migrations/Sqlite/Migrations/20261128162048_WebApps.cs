using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace ActivityHub.Migrations.Sqlite.Migrations
{
    /// <inheritdoc />
    public partial class WebApps : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "app_scopes",
                columns: table => new
                {
                    id = table.Column<string>(type: "TEXT", nullable: false),
                    concurrency_token = table.Column<string>(type: "TEXT", maxLength: 50, nullable: true),
                    description = table.Column<string>(type: "TEXT", nullable: true),
                    descriptions = table.Column<string>(type: "TEXT", nullable: true),
                    display_name = table.Column<string>(type: "TEXT", nullable: true),
                    display_names = table.Column<string>(type: "TEXT", nullable: true),
                    name = table.Column<string>(type: "TEXT", maxLength: 200, nullable: true),
                    properties = table.Column<string>(type: "TEXT", nullable: true),
                    resources = table.Column<string>(type: "TEXT", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_app_scopes", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "apps",
                columns: table => new
                {
                    id = table.Column<string>(type: "TEXT", nullable: false),
                    account_id = table.Column<long>(type: "INTEGER", nullable: true),
                    homepage = table.Column<string>(type: "TEXT", maxLength: 500, nullable: false),
                    created_at = table.Column<long>(type: "INTEGER", nullable: false),
                    application_type = table.Column<string>(type: "TEXT", maxLength: 50, nullable: true),
                    client_id = table.Column<string>(type: "TEXT", maxLength: 100, nullable: true),
                    client_secret = table.Column<string>(type: "TEXT", nullable: true),
                    client_type = table.Column<string>(type: "TEXT", maxLength: 50, nullable: true),
                    concurrency_token = table.Column<string>(type: "TEXT", maxLength: 50, nullable: true),
                    consent_type = table.Column<string>(type: "TEXT", maxLength: 50, nullable: true),
                    display_name = table.Column<string>(type: "TEXT", maxLength: 100, nullable: true),
                    display_names = table.Column<string>(type: "TEXT", nullable: true),
                    json_web_key_set = table.Column<string>(type: "TEXT", nullable: true),
                    permissions = table.Column<string>(type: "TEXT", nullable: true),
                    post_logout_redirect_uris = table.Column<string>(type: "TEXT", nullable: true),
                    properties = table.Column<string>(type: "TEXT", nullable: true),
                    redirect_uris = table.Column<string>(type: "TEXT", nullable: true),
                    requirements = table.Column<string>(type: "TEXT", nullable: true),
                    settings = table.Column<string>(type: "TEXT", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_apps", x => x.id);
                    table.ForeignKey(
                        name: "FK_apps_accounts_account_id",
                        column: x => x.account_id,
                        principalTable: "accounts",
                        principalColumn: "id",
                        onDelete: ReferentialAction.SetNull);
                });

            migrationBuilder.CreateTable(
                name: "app_consents",
                columns: table => new
                {
                    id = table.Column<string>(type: "TEXT", nullable: false),
                    application_id = table.Column<string>(type: "TEXT", nullable: true),
                    concurrency_token = table.Column<string>(type: "TEXT", maxLength: 50, nullable: true),
                    creation_date = table.Column<DateTime>(type: "TEXT", nullable: true),
                    properties = table.Column<string>(type: "TEXT", nullable: true),
                    scopes = table.Column<string>(type: "TEXT", nullable: true),
                    status = table.Column<string>(type: "TEXT", maxLength: 50, nullable: true),
                    subject = table.Column<string>(type: "TEXT", maxLength: 400, nullable: true),
                    type = table.Column<string>(type: "TEXT", maxLength: 50, nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_app_consents", x => x.id);
                    table.ForeignKey(
                        name: "FK_app_consents_apps_application_id",
                        column: x => x.application_id,
                        principalTable: "apps",
                        principalColumn: "id");
                });

            migrationBuilder.CreateTable(
                name: "app_grants",
                columns: table => new
                {
                    grant_id = table.Column<long>(type: "INTEGER", nullable: false),
                    consent_id = table.Column<string>(type: "TEXT", nullable: false),
                    feed_id = table.Column<long>(type: "INTEGER", nullable: false),
                    key_generation = table.Column<int>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_app_grants", x => x.grant_id);
                    table.ForeignKey(
                        name: "FK_app_grants_app_consents_consent_id",
                        column: x => x.consent_id,
                        principalTable: "app_consents",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "FK_app_grants_grants_grant_id",
                        column: x => x.grant_id,
                        principalTable: "grants",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "app_tokens",
                columns: table => new
                {
                    id = table.Column<string>(type: "TEXT", nullable: false),
                    application_id = table.Column<string>(type: "TEXT", nullable: true),
                    authorization_id = table.Column<string>(type: "TEXT", nullable: true),
                    concurrency_token = table.Column<string>(type: "TEXT", maxLength: 50, nullable: true),
                    creation_date = table.Column<DateTime>(type: "TEXT", nullable: true),
                    expiration_date = table.Column<DateTime>(type: "TEXT", nullable: true),
                    payload = table.Column<string>(type: "TEXT", nullable: true),
                    properties = table.Column<string>(type: "TEXT", nullable: true),
                    redemption_date = table.Column<DateTime>(type: "TEXT", nullable: true),
                    reference_id = table.Column<string>(type: "TEXT", maxLength: 100, nullable: true),
                    status = table.Column<string>(type: "TEXT", maxLength: 50, nullable: true),
                    subject = table.Column<string>(type: "TEXT", maxLength: 400, nullable: true),
                    type = table.Column<string>(type: "TEXT", maxLength: 150, nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_app_tokens", x => x.id);
                    table.ForeignKey(
                        name: "FK_app_tokens_app_consents_authorization_id",
                        column: x => x.authorization_id,
                        principalTable: "app_consents",
                        principalColumn: "id");
                    table.ForeignKey(
                        name: "FK_app_tokens_apps_application_id",
                        column: x => x.application_id,
                        principalTable: "apps",
                        principalColumn: "id");
                });

            migrationBuilder.CreateIndex(
                name: "IX_app_consents_application_id_status_subject_type",
                table: "app_consents",
                columns: new[] { "application_id", "status", "subject", "type" });

            migrationBuilder.CreateIndex(
                name: "IX_app_consents_subject",
                table: "app_consents",
                column: "subject");

            migrationBuilder.CreateIndex(
                name: "IX_app_grants_consent_id",
                table: "app_grants",
                column: "consent_id");

            migrationBuilder.CreateIndex(
                name: "IX_app_scopes_name",
                table: "app_scopes",
                column: "name",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_app_tokens_application_id_status_subject_type",
                table: "app_tokens",
                columns: new[] { "application_id", "status", "subject", "type" });

            migrationBuilder.CreateIndex(
                name: "IX_app_tokens_authorization_id",
                table: "app_tokens",
                column: "authorization_id");

            migrationBuilder.CreateIndex(
                name: "IX_app_tokens_expiration_date",
                table: "app_tokens",
                column: "expiration_date");

            migrationBuilder.CreateIndex(
                name: "IX_app_tokens_reference_id",
                table: "app_tokens",
                column: "reference_id",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_apps_account_id",
                table: "apps",
                column: "account_id");

            migrationBuilder.CreateIndex(
                name: "IX_apps_client_id",
                table: "apps",
                column: "client_id",
                unique: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "app_grants");

            migrationBuilder.DropTable(
                name: "app_scopes");

            migrationBuilder.DropTable(
                name: "app_tokens");

            migrationBuilder.DropTable(
                name: "app_consents");

            migrationBuilder.DropTable(
                name: "apps");
        }
    }
}
