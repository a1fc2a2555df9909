// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import io.anabranch.sync.change.Value;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What a person decided about a {@link Conflict}. Immutable. */
public final class Resolution {
    private static final String SET = "set=";
    private static final String SET_NULL = "set-null";

    private final Choice choice;
    private final @Nullable Value value;

    private Resolution(Choice choice, @Nullable Value value) {
        this.choice = choice;
        this.value = value;
    }

    /** What shows is right. */
    public static Resolution accept() {
        return new Resolution(Choice.ACCEPT, null);
    }

    /** The value that lost is right. */
    public static Resolution keepOther() {
        return new Resolution(Choice.KEEP_OTHER, null);
    }

    /** Neither is; this is, which may be {@link Value#NULL}. The column's type converts it, as with any SQL. */
    public static Resolution set(Value value) {
        return new Resolution(Choice.SET, Objects.requireNonNull(value));
    }

    /**
     * Returns the resolution that {@code text} says: {@code accept}, {@code keep-other}, {@code set=VALUE} or {@code set-null}. What
     * stands behind {@code set=} is text, whatever it looks like.
     *
     * @throws IllegalArgumentException if it says none of these
     */
    public static Resolution parse(String text) {
        if (text.startsWith(SET)) {
            return set(Value.of(text.substring(SET.length())));
        }
        if (text.equals(SET_NULL)) {
            return set(Value.NULL);
        }
        for (Choice choice : Choice.values()) {
            if (choice != Choice.SET && choice.label.equals(text)) {
                return new Resolution(choice, null);
            }
        }
        throw new IllegalArgumentException(
                "'" + text + "' resolves nothing; it is keep-other, accept, set=VALUE or set-null");
    }

    public Choice choice() {
        return choice;
    }

    /** Returns the value to set; null for the other choices. */
    public @Nullable Value value() {
        return value;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Resolution that && choice == that.choice && Objects.equals(value, that.value);
    }

    @Override
    public int hashCode() {
        return Objects.hash(choice, value);
    }

    @Override
    public String toString() {
        if (value == null) {
            return choice.label;
        }
        return value.equals(Value.NULL) ? SET_NULL : SET + value;
    }

    /** The three ways out. */
    public enum Choice {
        ACCEPT("accept"),
        KEEP_OTHER("keep-other"),
        SET("set");

        private final String label;

        Choice(String label) {
            this.label = label;
        }

        /** Returns its name on the command line and in {@code _ab_resolve}. */
        public String label() {
            return label;
        }
    }
}
