// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.schema;

import io.anabranch.sync.change.Value;
import io.anabranch.sync.sql.Sql;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A unique index over expressions, generated columns, or some rows alone. What a row holds in it is asked of SQLite, by a copy of
 * the table in memory, so that rows which no table shows have an answer too. Immutable, save for that copy.
 */
final class IndexedTerms implements UniqueKey {
    private final EnrolledTable table;
    private final RowProbe probe;
    private final List<String> terms;
    private final List<String> collations;
    private final @Nullable String condition;
    /** By their names in small letters. */
    private final Map<String, String> columns;

    private final String names;
    private final List<String> spaceNames;
    private final List<String> localNames;

    /**
     * @param text of the index
     * @param collations of its terms
     * @param columns of the table, generated ones too, by their names in small letters
     */
    IndexedTerms(
            EnrolledTable table, RowProbe probe, IndexText text, List<String> collations, Map<String, String> columns) {
        this.table = table;
        this.probe = probe;
        this.terms = text.terms();
        this.collations = collations;
        this.condition = text.condition();
        this.columns = columns;
        this.names = String.join(", ", terms) + (condition == null ? "" : " where " + condition);
        Set<String> named = new LinkedHashSet<>();
        terms.forEach(term -> named.addAll(IndexText.columnsOf(term, columns)));
        if (condition != null) {
            named.addAll(IndexText.columnsOf(condition, columns));
        }
        this.spaceNames = inSpace(named);
        boolean areAllOurs = spaceNames.size() == named.size();
        this.localNames = areAllOurs ? new ArrayList<>(named) : List.of();
    }

    private List<String> inSpace(Set<String> local) {
        List<String> known = new ArrayList<>();
        for (int i = 0; i < table.keyNames().size(); i++) {
            if (local.contains(table.localKeyNames().get(i))) {
                known.add(table.keyNames().get(i));
            }
        }
        for (EnrolledTable.Column column : table.shown()) {
            if (local.contains(column.localName())) {
                known.add(column.name());
            }
        }
        return known;
    }

    @Override
    public EnrolledTable table() {
        return table;
    }

    @Override
    public List<String> columns() {
        return spaceNames;
    }

    @Override
    public List<String> localColumns() {
        return localNames;
    }

    @Override
    public @Nullable List<Value> values(Key key, Value[] image) {
        return probe.values(table, key, image, terms, condition);
    }

    @Override
    public Token token(List<Value> values) {
        List<Value> folded = new ArrayList<>();
        for (int i = 0; i < values.size(); i++) {
            folded.add(IndexedColumns.fold(values.get(i), collations.get(i).toUpperCase(Locale.ROOT)));
        }
        return new Token(table.id(), names, Key.of(folded));
    }

    @Override
    public String collision(String one, String other) {
        List<String> conditions = new ArrayList<>();
        for (int i = 0; i < terms.size(); i++) {
            conditions.add("(" + IndexText.qualify(terms.get(i), columns, one) + ") = ("
                    + IndexText.qualify(terms.get(i), columns, other) + ") COLLATE " + collations.get(i));
        }
        if (condition != null) {
            conditions.add("(" + IndexText.qualify(condition, columns, one) + ")");
            conditions.add("(" + IndexText.qualify(condition, columns, other) + ")");
        }
        return String.join(" AND ", conditions);
    }

    @Override
    public String selectSql() {
        List<String> keys = new ArrayList<>();
        table.localKeyNames().forEach(key -> keys.add(Sql.name(key)));
        List<String> conditions = new ArrayList<>();
        for (int i = 0; i < terms.size(); i++) {
            conditions.add("(" + terms.get(i) + ") = ? COLLATE " + collations.get(i));
        }
        if (condition != null) {
            conditions.add("(" + condition + ")");
        }
        return "SELECT " + String.join(", ", keys) + " FROM "
                + Sql.name(table.localName() == null ? table.name() : table.localName()) + " WHERE "
                + String.join(" AND ", conditions);
    }

    /** Whatever column takes another value, the terms may stay what they are. */
    @Override
    public EnrolledTable.@Nullable Column firstOutsideKey() {
        return null;
    }
}
