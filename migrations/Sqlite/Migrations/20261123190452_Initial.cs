using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace ActivityHub.Migrations.Sqlite.Migrations
{
    /// <inheritdoc />
    public partial class Initial : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "accounts",
                columns: table => new
                {
                    id = table.Column<long>(type: "INTEGER", nullable: false),
                    email = table.Column<string>(type: "TEXT", maxLength: 254, nullable: false),
                    normalized_email = table.Column<string>(type: "TEXT", maxLength: 254, nullable: false),
                    password_hash = table.Column<string>(type: "TEXT", nullable: false),
                    is_administrator = table.Column<bool>(type: "INTEGER", nullable: false),
                    created_at = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_accounts", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "attempts",
                columns: table => new
                {
                    bucket = table.Column<short>(type: "INTEGER", nullable: false),
                    feed_id = table.Column<long>(type: "INTEGER", nullable: false),
                    subscription_id = table.Column<long>(type: "INTEGER", nullable: false),
                    id = table.Column<byte[]>(type: "BLOB", nullable: false),
                    at = table.Column<long>(type: "INTEGER", nullable: false),
                    from_seq = table.Column<long>(type: "INTEGER", nullable: false),
                    to_seq = table.Column<long>(type: "INTEGER", nullable: false),
                    status = table.Column<short>(type: "INTEGER", nullable: true),
                    milliseconds = table.Column<int>(type: "INTEGER", nullable: false),
                    bytes = table.Column<int>(type: "INTEGER", nullable: false),
                    error = table.Column<string>(type: "TEXT", maxLength: 300, nullable: true),
                    answer = table.Column<string>(type: "TEXT", maxLength: 1024, nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_attempts", x => new { x.bucket, x.feed_id, x.subscription_id, x.id });
                });

            migrationBuilder.CreateTable(
                name: "chores",
                columns: table => new
                {
                    name = table.Column<string>(type: "TEXT", maxLength: 100, nullable: false),
                    wanted_at = table.Column<long>(type: "INTEGER", nullable: true),
                    progress = table.Column<string>(type: "TEXT", nullable: true),
                    done_at = table.Column<long>(type: "INTEGER", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_chores", x => x.name);
                });

            migrationBuilder.CreateTable(
                name: "cursors",
                columns: table => new
                {
                    bucket = table.Column<short>(type: "INTEGER", nullable: false),
                    feed_id = table.Column<long>(type: "INTEGER", nullable: false),
                    shard = table.Column<short>(type: "INTEGER", nullable: false),
                    subscription_id = table.Column<long>(type: "INTEGER", nullable: false),
                    position = table.Column<long>(type: "INTEGER", nullable: false),
                    lane = table.Column<int>(type: "INTEGER", nullable: false),
                    due_at = table.Column<long>(type: "INTEGER", nullable: true),
                    lease_id = table.Column<long>(type: "INTEGER", nullable: true),
                    leased_until = table.Column<long>(type: "INTEGER", nullable: true),
                    failures = table.Column<int>(type: "INTEGER", nullable: false),
                    failing_since = table.Column<long>(type: "INTEGER", nullable: true),
                    last_status = table.Column<short>(type: "INTEGER", nullable: true),
                    gap_from = table.Column<long>(type: "INTEGER", nullable: true),
                    gap_to = table.Column<long>(type: "INTEGER", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_cursors", x => new { x.bucket, x.feed_id, x.shard, x.subscription_id });
                });

            migrationBuilder.CreateTable(
                name: "data_protection_keys",
                columns: table => new
                {
                    id = table.Column<int>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    friendly_name = table.Column<string>(type: "TEXT", nullable: true),
                    xml = table.Column<string>(type: "TEXT", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_data_protection_keys", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "devices",
                columns: table => new
                {
                    id = table.Column<long>(type: "INTEGER", nullable: false),
                    account_id = table.Column<long>(type: "INTEGER", nullable: false),
                    name = table.Column<string>(type: "TEXT", maxLength: 100, nullable: false),
                    feed_id = table.Column<long>(type: "INTEGER", nullable: false),
                    key_hash = table.Column<byte[]>(type: "BLOB", nullable: false),
                    ingest_hash = table.Column<byte[]>(type: "BLOB", nullable: false),
                    key_generation = table.Column<int>(type: "INTEGER", nullable: false),
                    created_at = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_devices", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "fanouts",
                columns: table => new
                {
                    bucket = table.Column<short>(type: "INTEGER", nullable: false),
                    feed_id = table.Column<long>(type: "INTEGER", nullable: false),
                    shard = table.Column<short>(type: "INTEGER", nullable: false),
                    head = table.Column<long>(type: "INTEGER", nullable: false),
                    done = table.Column<long>(type: "INTEGER", nullable: false),
                    due_at = table.Column<long>(type: "INTEGER", nullable: true),
                    lease_id = table.Column<long>(type: "INTEGER", nullable: true),
                    leased_until = table.Column<long>(type: "INTEGER", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_fanouts", x => new { x.bucket, x.feed_id, x.shard });
                });

            migrationBuilder.CreateTable(
                name: "feeds",
                columns: table => new
                {
                    bucket = table.Column<short>(type: "INTEGER", nullable: false),
                    id = table.Column<long>(type: "INTEGER", nullable: false),
                    account_id = table.Column<long>(type: "INTEGER", nullable: false),
                    title = table.Column<string>(type: "TEXT", maxLength: 100, nullable: false),
                    retention_days = table.Column<int>(type: "INTEGER", nullable: false),
                    head = table.Column<long>(type: "INTEGER", nullable: false),
                    pruned = table.Column<long>(type: "INTEGER", nullable: false),
                    access_version = table.Column<int>(type: "INTEGER", nullable: false),
                    created_at = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_feeds", x => new { x.bucket, x.id });
                });

            migrationBuilder.CreateTable(
                name: "grants",
                columns: table => new
                {
                    id = table.Column<long>(type: "INTEGER", nullable: false),
                    feed_id = table.Column<long>(type: "INTEGER", nullable: false),
                    name = table.Column<string>(type: "TEXT", maxLength: 100, nullable: false),
                    key_hash = table.Column<byte[]>(type: "BLOB", nullable: true),
                    kinds = table.Column<string>(type: "TEXT", nullable: true),
                    precision = table.Column<int>(type: "INTEGER", nullable: false),
                    from = table.Column<long>(type: "INTEGER", nullable: true),
                    to = table.Column<long>(type: "INTEGER", nullable: true),
                    delay_seconds = table.Column<int>(type: "INTEGER", nullable: false),
                    until = table.Column<long>(type: "INTEGER", nullable: true),
                    rights = table.Column<int>(type: "INTEGER", nullable: false),
                    created_at = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_grants", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "keys",
                columns: table => new
                {
                    name = table.Column<string>(type: "TEXT", maxLength: 50, nullable: false),
                    value = table.Column<byte[]>(type: "BLOB", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_keys", x => x.name);
                });

            migrationBuilder.CreateTable(
                name: "subscriptions",
                columns: table => new
                {
                    bucket = table.Column<short>(type: "INTEGER", nullable: false),
                    feed_id = table.Column<long>(type: "INTEGER", nullable: false),
                    id = table.Column<long>(type: "INTEGER", nullable: false),
                    identity = table.Column<byte[]>(type: "BLOB", nullable: false),
                    state = table.Column<int>(type: "INTEGER", nullable: false),
                    callback = table.Column<string>(type: "TEXT", maxLength: 2048, nullable: false),
                    format = table.Column<int>(type: "INTEGER", nullable: false),
                    kinds = table.Column<string>(type: "TEXT", nullable: true),
                    grant_id = table.Column<long>(type: "INTEGER", nullable: true),
                    topic = table.Column<byte[]>(type: "BLOB", nullable: false),
                    secret = table.Column<byte[]>(type: "BLOB", nullable: true),
                    signature = table.Column<int>(type: "INTEGER", nullable: false),
                    delta = table.Column<bool>(type: "INTEGER", nullable: false),
                    lease_until = table.Column<long>(type: "INTEGER", nullable: true),
                    applied = table.Column<long>(type: "INTEGER", nullable: false),
                    key_generation = table.Column<int>(type: "INTEGER", nullable: false),
                    created_at = table.Column<long>(type: "INTEGER", nullable: false),
                    confirmed_at = table.Column<long>(type: "INTEGER", nullable: false),
                    ended_at = table.Column<long>(type: "INTEGER", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_subscriptions", x => new { x.bucket, x.feed_id, x.id });
                });

            migrationBuilder.CreateTable(
                name: "updates",
                columns: table => new
                {
                    bucket = table.Column<short>(type: "INTEGER", nullable: false),
                    feed_id = table.Column<long>(type: "INTEGER", nullable: false),
                    seq = table.Column<long>(type: "INTEGER", nullable: false),
                    entry_id = table.Column<byte[]>(type: "BLOB", nullable: false),
                    client_id = table.Column<string>(type: "TEXT", maxLength: 64, nullable: true),
                    kind = table.Column<string>(type: "TEXT", maxLength: 32, nullable: false),
                    at = table.Column<long>(type: "INTEGER", nullable: false),
                    at_offset = table.Column<short>(type: "INTEGER", nullable: false),
                    received = table.Column<long>(type: "INTEGER", nullable: false),
                    title = table.Column<string>(type: "TEXT", maxLength: 200, nullable: true),
                    lat = table.Column<double>(type: "REAL", nullable: true),
                    lon = table.Column<double>(type: "REAL", nullable: true),
                    accuracy = table.Column<double>(type: "REAL", nullable: true),
                    altitude = table.Column<double>(type: "REAL", nullable: true),
                    speed = table.Column<double>(type: "REAL", nullable: true),
                    heading = table.Column<double>(type: "REAL", nullable: true),
                    data = table.Column<string>(type: "TEXT", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_updates", x => new { x.bucket, x.feed_id, x.seq });
                    table.CheckConstraint("CK_updates_client_id", "length(client_id) <= 64");
                    table.CheckConstraint("CK_updates_kind", "length(kind) <= 32");
                    table.CheckConstraint("CK_updates_title", "length(title) <= 200");
                });

            migrationBuilder.CreateTable(
                name: "verifications",
                columns: table => new
                {
                    bucket = table.Column<short>(type: "INTEGER", nullable: false),
                    feed_id = table.Column<long>(type: "INTEGER", nullable: false),
                    id = table.Column<long>(type: "INTEGER", nullable: false),
                    identity = table.Column<byte[]>(type: "BLOB", nullable: false),
                    number = table.Column<long>(type: "INTEGER", nullable: false),
                    mode = table.Column<int>(type: "INTEGER", nullable: false),
                    callback = table.Column<string>(type: "TEXT", maxLength: 2048, nullable: false),
                    format = table.Column<int>(type: "INTEGER", nullable: false),
                    kinds = table.Column<string>(type: "TEXT", nullable: true),
                    grant_id = table.Column<long>(type: "INTEGER", nullable: true),
                    topic = table.Column<byte[]>(type: "BLOB", nullable: false),
                    secret = table.Column<byte[]>(type: "BLOB", nullable: true),
                    signature = table.Column<int>(type: "INTEGER", nullable: false),
                    delta = table.Column<bool>(type: "INTEGER", nullable: false),
                    lease_seconds = table.Column<int>(type: "INTEGER", nullable: false),
                    after = table.Column<long>(type: "INTEGER", nullable: true),
                    start_at = table.Column<long>(type: "INTEGER", nullable: false),
                    verify_token = table.Column<byte[]>(type: "BLOB", nullable: true),
                    reason = table.Column<string>(type: "TEXT", maxLength: 200, nullable: true),
                    created_at = table.Column<long>(type: "INTEGER", nullable: false),
                    due_at = table.Column<long>(type: "INTEGER", nullable: false),
                    tries = table.Column<int>(type: "INTEGER", nullable: false),
                    lease_id = table.Column<long>(type: "INTEGER", nullable: true),
                    leased_until = table.Column<long>(type: "INTEGER", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_verifications", x => new { x.bucket, x.feed_id, x.id });
                });

            migrationBuilder.CreateTable(
                name: "account_tokens",
                columns: table => new
                {
                    hash = table.Column<byte[]>(type: "BLOB", nullable: false),
                    account_id = table.Column<long>(type: "INTEGER", nullable: false),
                    created_at = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_account_tokens", x => x.hash);
                    table.ForeignKey(
                        name: "FK_account_tokens_accounts_account_id",
                        column: x => x.account_id,
                        principalTable: "accounts",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "IX_account_tokens_account_id",
                table: "account_tokens",
                column: "account_id");

            migrationBuilder.CreateIndex(
                name: "IX_accounts_normalized_email",
                table: "accounts",
                column: "normalized_email",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_attempts_at",
                table: "attempts",
                column: "at");

            migrationBuilder.CreateIndex(
                name: "IX_cursors_due_at",
                table: "cursors",
                column: "due_at",
                filter: "lane = 1");

            migrationBuilder.CreateIndex(
                name: "IX_devices_account_id",
                table: "devices",
                column: "account_id");

            migrationBuilder.CreateIndex(
                name: "IX_devices_feed_id",
                table: "devices",
                column: "feed_id");

            migrationBuilder.CreateIndex(
                name: "IX_devices_ingest_hash",
                table: "devices",
                column: "ingest_hash",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_devices_key_hash",
                table: "devices",
                column: "key_hash",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_feeds_account_id",
                table: "feeds",
                column: "account_id");

            migrationBuilder.CreateIndex(
                name: "IX_grants_feed_id",
                table: "grants",
                column: "feed_id");

            migrationBuilder.CreateIndex(
                name: "IX_grants_key_hash",
                table: "grants",
                column: "key_hash",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_subscriptions_bucket_feed_id_identity",
                table: "subscriptions",
                columns: new[] { "bucket", "feed_id", "identity" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_subscriptions_grant_id",
                table: "subscriptions",
                column: "grant_id");

            migrationBuilder.CreateIndex(
                name: "IX_subscriptions_id",
                table: "subscriptions",
                column: "id");

            migrationBuilder.CreateIndex(
                name: "IX_subscriptions_lease_until",
                table: "subscriptions",
                column: "lease_until",
                filter: "state = 0");

            migrationBuilder.CreateIndex(
                name: "IX_updates_bucket_feed_id_client_id",
                table: "updates",
                columns: new[] { "bucket", "feed_id", "client_id" },
                unique: true,
                filter: "client_id IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_updates_bucket_feed_id_kind_seq",
                table: "updates",
                columns: new[] { "bucket", "feed_id", "kind", "seq" });

            migrationBuilder.CreateIndex(
                name: "IX_verifications_bucket_feed_id_identity_number",
                table: "verifications",
                columns: new[] { "bucket", "feed_id", "identity", "number" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_verifications_due_at",
                table: "verifications",
                column: "due_at");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "account_tokens");

            migrationBuilder.DropTable(
                name: "attempts");

            migrationBuilder.DropTable(
                name: "chores");

            migrationBuilder.DropTable(
                name: "cursors");

            migrationBuilder.DropTable(
                name: "data_protection_keys");

            migrationBuilder.DropTable(
                name: "devices");

            migrationBuilder.DropTable(
                name: "fanouts");

            migrationBuilder.DropTable(
                name: "feeds");

            migrationBuilder.DropTable(
                name: "grants");

            migrationBuilder.DropTable(
                name: "keys");

            migrationBuilder.DropTable(
                name: "subscriptions");

            migrationBuilder.DropTable(
                name: "updates");

            migrationBuilder.DropTable(
                name: "verifications");

            migrationBuilder.DropTable(
                name: "accounts");
        }
    }
}
