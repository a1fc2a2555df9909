// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.schema;

import io.anabranch.sync.change.Value;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the application's table demands of its rows together, as far as this file's own schema says. Immutable.
 *
 * @param uniques its unique keys; the primary key only where it compares otherwise than by bytes
 * @param parents its references to enrolled tables
 * @param children references to it from enrolled tables
 * @param renamed the column of a unique key that tells rivals apart; null if the younger is hidden
 */
public record TableConstraints(
        List<UniqueKey> uniques,
        List<ForeignReference> parents,
        List<ForeignReference> children,
        boolean hasCheck,
        EnrolledTable.@Nullable Column renamed) {
    public static final TableConstraints NONE = new TableConstraints(List.of(), List.of(), List.of(), false, null);

    /** Returns whether a row of this table can keep another from showing, or be kept by one. */
    public boolean decideTogether() {
        return !uniques.isEmpty() || hideByReference();
    }

    /** Returns whether the younger of two rivals shows another value, rather than being hidden. */
    public boolean renames() {
        return renamed != null;
    }

    /** Returns whether rows of this table show or hide with rows that refer to them, or that they refer to. */
    public boolean hideByReference() {
        return hides(parents) || hides(children);
    }

    private static boolean hides(List<ForeignReference> references) {
        for (ForeignReference reference : references) {
            if (reference.hides()) {
                return true;
            }
        }
        return false;
    }

    /** Returns what a row claims if it shows. */
    public Set<Token> claims(Key key, Value[] image) {
        Set<Token> claims = new LinkedHashSet<>();
        for (UniqueKey unique : uniques) {
            List<Value> values = unique.values(key, image);
            if (values != null) {
                claims.add(unique.token(values));
            }
        }
        return claims;
    }

    /** Returns what rows that hide without their parents find in this one. */
    public Set<Token> provides(Key key, Value[] image) {
        Set<Token> provides = new LinkedHashSet<>();
        for (ForeignReference reference : children) {
            Token token = reference.hides() ? reference.provided(key, image) : null;
            if (token != null) {
                provides.add(token);
            }
        }
        return provides;
    }

    /** Returns what a row cannot show without. */
    public Set<Token> needs(Key key, Value[] image) {
        Set<Token> needs = new LinkedHashSet<>();
        for (ForeignReference reference : parents) {
            Token token = reference.hides() ? reference.need(key, image) : null;
            if (token != null) {
                needs.add(token);
            }
        }
        return needs;
    }
}
