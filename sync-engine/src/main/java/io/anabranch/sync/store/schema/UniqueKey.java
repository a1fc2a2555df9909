// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.schema;

import io.anabranch.sync.change.Value;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What no two rows that a table shows may have in common: the values of some columns ({@link IndexedColumns}) or of expressions,
 * maybe of some rows alone ({@link IndexedTerms}). Says what a row holds, shown or not, and finds the rows that hold it.
 * Immutable.
 */
public interface UniqueKey {
    EnrolledTable table();

    /** Returns the names in the space of the columns that it depends on. */
    List<String> columns();

    /** Returns what the columns that it depends on are called in this file; empty if it may depend on any. */
    List<String> localColumns();

    /** Returns the values that a row holds; null if it holds none: one of them is NULL, say, which equals nothing. */
    @Nullable
    List<Value> values(Key key, Value[] image);

    /** Returns what stands for these values, whatever their case or trailing spaces where the collation ignores them. */
    Token token(List<Value> values);

    /** Returns the condition, in SQL, under which two rows hold the same. */
    String collision(String one, String other);

    /** Selects the keys of the rows that hold the values bound. */
    String selectSql();

    /** Returns a column outside the key by which a row gives up what it holds when it takes another value; null if none. */
    EnrolledTable.@Nullable Column firstOutsideKey();
}
