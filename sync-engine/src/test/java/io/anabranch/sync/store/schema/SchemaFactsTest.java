// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.schema;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.sync.jdbc.JdbcDriver;
import io.anabranch.sync.sql.SqlDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is remembered of the schema is what the schema is, and is asked for once. */
class SchemaFactsTest {
    private final SqlDatabase db = new JdbcDriver().openInMemory();
    private final Schema schema = new Schema(db);
    private int reads;
    private final Schema.Facts<Long> columns = schema.facts(table -> {
        reads++;
        return db.queryLong("SELECT count(*) FROM pragma_table_info('" + table + "')");
    });

    @AfterEach
    void close() {
        db.close();
    }

    @Test
    void whatIsKnownOfATableIsAskedOnceUntilATableIsAnother() {
        db.execute("CREATE TABLE item(id, title)");
        assertThat(columns.of("item")).isEqualTo(2);
        assertThat(columns.of("item")).isEqualTo(2);
        assertThat(reads).isEqualTo(1);

        db.execute("ALTER TABLE item ADD COLUMN price");
        assertThat(columns.of("item")).isEqualTo(3);
        assertThat(reads).isEqualTo(2);
    }

    @Test
    void triggersAndTablesOfTheEngineChangeNothingAboutATable() {
        db.execute("CREATE TABLE item(id, title)");
        columns.of("item");
        db.execute("CREATE TABLE _ab_side(x)");
        db.execute("CREATE TRIGGER _ab_upd_1 AFTER UPDATE ON item WHEN 0 BEGIN SELECT 1; END");

        assertThat(columns.of("item")).isEqualTo(2);
        assertThat(reads).isEqualTo(1);
        assertThat(schema.trigger("_ab_upd_1")).isNotNull();
        assertThat(schema.hasApplicationTriggers()).isFalse();
        db.execute("CREATE TRIGGER theirs AFTER UPDATE ON item WHEN 0 BEGIN SELECT 1; END");
        assertThat(schema.hasApplicationTriggers()).isTrue();
    }

    /** SQLite counts a schema's versions from where they were before what was rolled back. */
    @Test
    void aRollbackIsNotMistakenForWhatComesAfterIt() {
        db.execute("CREATE TABLE item(id, title)");
        db.execute("BEGIN");
        db.execute("ALTER TABLE item ADD COLUMN price");
        long version = db.queryLong("PRAGMA schema_version");
        assertThat(columns.of("item")).isEqualTo(3);
        db.execute("ROLLBACK");
        schema.forget();
        db.execute("CREATE TABLE other(id)");
        assertThat(db.queryLong("PRAGMA schema_version")).isEqualTo(version);

        assertThat(columns.of("item")).isEqualTo(2);
        assertThat(schema.table("OTHER")).isNotNull();
    }

    @Test
    void whileHeldItAnswersFromOneVersion() {
        db.execute("CREATE TABLE item(id)");
        boolean seen = schema.held(() -> {
            db.execute("CREATE TABLE other(id)");
            return schema.table("other") != null;
        });
        assertThat(seen).isFalse();
        assertThat(schema.table("other")).isNotNull();
    }
}
