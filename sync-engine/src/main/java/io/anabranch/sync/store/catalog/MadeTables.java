// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.catalog;

import io.anabranch.sync.change.TableDefinition;
import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.sql.SqlStatement;
import io.anabranch.sync.store.schema.Ddl;
import io.anabranch.sync.store.schema.EnrolledTable;

/**
 * Tables that the file did not have and got from the space. Until the first exchange has ended they take every column that the
 * space declares; from then on they are the application's. Confined to one connection.
 */
public final class MadeTables {
    private final SqlDatabase db;
    private final Catalog catalog;

    MadeTables(SqlDatabase db, Catalog catalog) {
        this.db = db;
        this.catalog = catalog;
    }

    /** Creates the application's table and its indexes from the space's definition. */
    public void create(TableDefinition definition) {
        db.execute(Ddl.createTable(definition));
        for (TableDefinition.Index index : definition.indexes()) {
            if (!index.name().isEmpty() && !exists(index.name())) {
                db.execute(Ddl.createIndex(definition, index));
            }
        }
    }

    /** Adds a column of the space to the application's table. */
    public void addColumn(EnrolledTable table, TableDefinition.Column column) {
        db.execute(Ddl.addColumn(
                String.valueOf(table.localName()), column, table.definition().strict()));
        catalog.refresh();
        catalog.local().fit(catalog.get(table.id()));
    }

    /** Returns whether the file is still getting this table, which it did not have, from the space. */
    public boolean isMadeHere(EnrolledTable table) {
        return table.isLocal() && catalog.loaded().made().contains(table.id());
    }

    public void setMadeHere(EnrolledTable table) {
        db.execute("UPDATE _ab_table SET made = 1 WHERE id = " + table.id());
        catalog.changed();
    }

    /** Says that tables made from the space are the application's from now on: no more columns are added to them. */
    public void handOver() {
        if (!isHandedOver()) {
            db.execute("UPDATE _ab_table SET made = 0 WHERE made = 1");
            catalog.changed();
        }
    }

    public boolean isHandedOver() {
        return catalog.loaded().made().isEmpty();
    }

    public boolean exists(String name) {
        SqlStatement query = db.prepare("SELECT 1 FROM sqlite_master WHERE name = ? COLLATE NOCASE")
                .bind(1, name);
        try {
            return query.step();
        } finally {
            query.reset();
        }
    }
}
