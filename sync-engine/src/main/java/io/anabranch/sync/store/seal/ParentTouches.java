// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.seal;

import io.anabranch.sync.change.Value;
import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.sql.SqlStatement;
import io.anabranch.sync.store.catalog.Catalog;
import io.anabranch.sync.store.row.RowStore;
import io.anabranch.sync.store.schema.EnrolledTable;
import io.anabranch.sync.store.schema.ExactText;
import io.anabranch.sync.store.schema.ForeignReference;
import io.anabranch.sync.store.schema.IndexedColumns;
import io.anabranch.sync.store.schema.Key;
import io.anabranch.sync.store.schema.RowId;
import io.anabranch.sync.store.schema.Token;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The parents that the rows being sealed refer to by a foreign key that revives: a write to a child is a write to its parent
 * too, and so to that one's, so that a delete elsewhere which had not seen it loses. Confined to one connection, for one seal.
 */
final class ParentTouches {
    private final SqlDatabase db;
    private final Catalog catalog;
    private final Set<RowId> written = new HashSet<>();
    private final Set<Token> referred = new HashSet<>();
    private final List<Reference> unfollowed = new ArrayList<>();

    private record Reference(IndexedColumns parent, List<Value> values) {}

    ParentTouches(SqlDatabase db, Catalog catalog) {
        this.db = db;
        this.catalog = catalog;
    }

    /** Notes a row that has an operation of its own, which needs no touch. */
    void noteWritten(EnrolledTable table, Key key) {
        if (!catalog.constraints(table).children().isEmpty()) {
            written.add(new RowId(table.id(), key));
        }
    }

    /** Notes what a row refers to that was inserted or changed. */
    void noteChild(EnrolledTable table, Key key, Value[] image) {
        for (ForeignReference reference : catalog.constraints(table).parents()) {
            List<Value> values = reference.hides() ? null : reference.parentValues(key, image);
            if (values != null && referred.add(reference.parent().token(values))) {
                unfollowed.add(new Reference(reference.parent(), values));
            }
        }
    }

    /** Returns the parents noted since the last call that the tables show and that nothing else was said of. */
    Set<RowId> take() {
        Set<RowId> parents = new LinkedHashSet<>();
        unfollowed.forEach(reference -> parents.addAll(find(reference)));
        unfollowed.clear();
        parents.removeAll(written);
        return parents;
    }

    private List<RowId> find(Reference reference) {
        EnrolledTable table = reference.parent.table();
        SqlStatement query = ExactText.bind(db, reference.parent.selectSql(), reference.values);
        List<RowId> found = new ArrayList<>();
        while (query.step()) {
            found.add(new RowId(table.id(), RowStore.readKey(table, query, 0)));
        }
        return found;
    }
}
