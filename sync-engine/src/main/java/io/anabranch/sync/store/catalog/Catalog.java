// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.catalog;

import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.store.log.Meta;
import io.anabranch.sync.store.schema.ConstraintReader;
import io.anabranch.sync.store.schema.EnrolledTable;
import io.anabranch.sync.store.schema.ForeignReference;
import io.anabranch.sync.store.schema.RowProbe;
import io.anabranch.sync.store.schema.TableConstraints;
import io.anabranch.sync.store.schema.TableInspector;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The tables of the space as this file knows them, read again whenever anything about them may have changed. Confined to one
 * connection.
 *
 * <pre>
 *   Catalog ──► CatalogReader   reads them
 *     ├ Declarations            who declared them, which wins
 *     ├ LocalTables             what they are called here, their columns and triggers
 *     └ MadeTables              those that the file got from the space
 * </pre>
 */
public final class Catalog {
    /** The rank of a column that nobody has declared: any declaration is earlier. */
    static final long UNDECLARED = Long.MAX_VALUE;

    private final SqlDatabase db;
    private final Meta meta;
    private final TableInspector inspector;

    private final Declarations declarations;
    private final LocalTables local;
    private final MadeTables made;

    /** Null once it may have changed, until somebody asks for what is in it; so are the constraints. */
    private CatalogReader.@Nullable Loaded loaded = CatalogReader.Loaded.NOTHING;

    private Map<Long, EnrolledTable> byId = Map.of();
    private Map<String, EnrolledTable> byName = Map.of();
    private @Nullable Map<Long, TableConstraints> constraints = Map.of();
    private final RowProbe checks;
    private boolean hasApplicationTriggers;
    private boolean hasForeignKeys;
    private long loadedGeneration = -1;
    private long loadedSchema = -1;

    public Catalog(SqlDatabase db, Meta meta, TableInspector inspector) {
        this.db = db;
        this.meta = meta;
        this.inspector = inspector;
        this.checks = new RowProbe(inspector);
        ColumnEntries columns = new ColumnEntries(db);
        this.declarations = new Declarations(db, meta, this, inspector, columns);
        this.local = new LocalTables(db, this, inspector, columns);
        this.made = new MadeTables(db, this);
    }

    /** Lets the tables be read again if anything about them may have changed. At the start of each transaction. */
    public void refresh() {
        long generation = meta.getLong("generation");
        long schema = db.queryLong("PRAGMA schema_version");
        if (generation != loadedGeneration || schema != loadedSchema) {
            loaded = null;
            constraints = null;
            checks.close();
            local.loaded();
            loadedGeneration = generation;
            loadedSchema = schema;
        }
    }

    /** Makes the next {@link #refresh} read everything: after a rollback, what was loaded may never have been. */
    public void forget() {
        loadedGeneration = -1;
        inspector.schema().forget();
    }

    /** Says that something about the tables was changed here. */
    void changed() {
        meta.put("generation", meta.getLong("generation") + 1);
        refresh();
    }

    // ---- What is done with them

    /** Returns who declared what. */
    public Declarations declarations() {
        return declarations;
    }

    /** Returns which of the application's tables they are. */
    public LocalTables local() {
        return local;
    }

    /** Returns those that the file got from the space. */
    public MadeTables made() {
        return made;
    }

    /** Several changes in a row are read once: between them the tables may be such as none should be looked at. */
    CatalogReader.Loaded loaded() {
        CatalogReader.Loaded known = loaded;
        if (known == null) {
            known = inspector.schema().held(() -> CatalogReader.read(db, inspector));
            byId = new TreeMap<>();
            byName = new HashMap<>();
            for (EnrolledTable table : known.tables()) {
                byId.put(table.id(), table);
                byName.put(table.name(), table);
            }
            hasApplicationTriggers = inspector.schema().hasApplicationTriggers();
            hasForeignKeys = inspector.schema().hasForeignKeys();
            loaded = known;
        }
        return known;
    }

    private Map<Long, EnrolledTable> byId() {
        loaded();
        return byId;
    }

    private Map<Long, TableConstraints> constraints() {
        Map<Long, TableConstraints> known = constraints;
        if (known == null) {
            known = inspector.schema().held(() -> new ConstraintReader(inspector, checks, byId().values()).read());
            constraints = known;
        }
        return known;
    }

    // ---- Reading

    public @Nullable EnrolledTable find(String name) {
        loaded();
        return byName.get(name);
    }

    /** Returns the table that people here call {@code label}, whatever the case of its letters; null if there is none. */
    public @Nullable EnrolledTable named(String label) {
        for (EnrolledTable table : byId().values()) {
            if (table.label().equalsIgnoreCase(label)) {
                return table;
            }
        }
        return null;
    }

    public EnrolledTable get(long id) {
        EnrolledTable table = byId().get(id);
        if (table == null) {
            throw new AssertionError("no table " + id + " in the catalog");
        }
        return table;
    }

    /** Returns the table of the space that the application's table {@code name} is; null if it is none. */
    public @Nullable EnrolledTable findLocal(String name) {
        for (EnrolledTable table : byId().values()) {
            if (name.equalsIgnoreCase(table.localName())) {
                return table;
            }
        }
        return null;
    }

    public Collection<EnrolledTable> all() {
        return byId().values();
    }

    /** Returns what the application's table demands of its rows together. */
    public TableConstraints constraints(EnrolledTable table) {
        return constraints().getOrDefault(table.id(), TableConstraints.NONE);
    }

    /** Returns the references by which rows hide without their parents; with a change of these, children show otherwise. */
    public Set<HidingReference> hidingReferences() {
        Set<HidingReference> hiding = new HashSet<>();
        constraints()
                .values()
                .forEach(each -> each.parents().stream()
                        .filter(ForeignReference::hides)
                        .forEach(reference -> hiding.add(new HidingReference(
                                reference.child().table().id(),
                                reference.child().names(),
                                reference.parent().table().id()))));
        return hiding;
    }

    public record HidingReference(long child, String columns, long parent) {
        /** Returns the tables whose references are in one of two sets alone. */
        public static Set<Long> childrenThatDiffer(Set<HidingReference> some, Set<HidingReference> others) {
            Set<Long> children = new TreeSet<>();
            some.stream().filter(each -> !others.contains(each)).forEach(each -> children.add(each.child));
            others.stream().filter(each -> !some.contains(each)).forEach(each -> children.add(each.child));
            return children;
        }
    }

    /** Returns what tells whether rows pass the checks of their tables. Its copies are made when it is first asked. */
    public RowProbe checks() {
        return checks;
    }

    /** Returns whether a table here checks its rows, which the merge of two legal writes may fail. */
    public boolean hasChecks() {
        return constraints().values().stream().anyMatch(TableConstraints::hasCheck);
    }

    /** Returns whether the file has triggers of the application, which fire when the engine writes. */
    public boolean hasApplicationTriggers() {
        loaded(); // Asked for each row that is written, so it is remembered.
        return hasApplicationTriggers;
    }

    /** Returns whether foreign keys may act on what this connection writes. */
    public boolean checksForeignKeys() {
        loaded();
        return hasForeignKeys && db.queryLong("PRAGMA foreign_keys") == 1;
    }
}
