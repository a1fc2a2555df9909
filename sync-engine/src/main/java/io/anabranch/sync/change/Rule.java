// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.change;

import io.anabranch.crdt.CellKind;
import io.anabranch.crdt.codec.ByteReader;
import io.anabranch.crdt.codec.ByteWriter;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How concurrent writes of one column merge. Columns of one group are written together: one rank, one winner. Immutable.
 *
 * <p>Rules without parameters and groups are the constants here, and may be compared by identity.
 */
public final class Rule {
    /** The write with the higher rank stays. */
    public static final Rule LWW = new Rule(Kind.LWW, 0, "", 0, "");
    /** All increments count; shows an integer. */
    public static final Rule COUNTER = new Rule(Kind.COUNTER, 0, "", 0, "");
    /** All increments count and none may be negative. */
    public static final Rule GCOUNTER = new Rule(Kind.GCOUNTER, 0, "", 0, "");
    /** The highest value ever written. */
    public static final Rule MAX = new Rule(Kind.MAX, 0, "", 0, "");
    /** The lowest value ever written. */
    public static final Rule MIN = new Rule(Kind.MIN, 0, "", 0, "");
    /** A JSON array of elements that are added and removed one by one. */
    public static final Rule SET = new Rule(Kind.SET, 0, "", 0, "");
    /** All concurrent values are kept; the latest shows. */
    public static final Rule MV = new Rule(Kind.MV, 0, "", 0, "");
    /** A place among others, by which rows are sorted. */
    public static final Rule LIST = new Rule(Kind.LIST, 0, "", 0, "");

    /** As {@link #LWW}; a row whose value an older one holds shows it with its own key behind it. */
    public static final Rule RENAME = new Rule(Kind.RENAME, 0, "", 0, "");
    /** For an integer key: rows that are inserted without one get it from a range that is their replica's own. */
    public static final Rule RANGES = new Rule(Kind.RANGES, 0, "", 0, "");

    private static final List<Rule> PLAIN = List.of(LWW, COUNTER, GCOUNTER, MAX, MIN, SET, MV, LIST, RENAME, RANGES);
    private static final int IN_GROUP = 0x80;
    private static final int MAX_NAME_BYTES = 4096;
    private static final Pattern NAMED =
            Pattern.compile("(custom|rename):([A-Za-z][A-Za-z0-9_.-]{0,99})(?:@([0-9]{1,9}))?");

    private final Kind kind;
    private final long minimum;
    private final String name;
    private final int version;
    private final String group;

    /** What is done with writes. Each has a code on the wire that never changes. */
    public enum Kind {
        LWW(1, "lww", CellKind.REGISTER),
        COUNTER(2, "counter", CellKind.COUNTER),
        GCOUNTER(3, "gcounter", CellKind.GROWTH),
        BOUNDED(4, "bounded", CellKind.BOUNDED),
        MAX(5, "max", CellKind.MAX),
        MIN(6, "min", CellKind.MIN),
        MV(7, "mv", CellKind.SIBLINGS),
        SET(8, "set", CellKind.SET),
        CUSTOM(9, "custom", CellKind.SIBLINGS),
        LIST(10, "list", CellKind.REGISTER),
        RENAME(11, "rename", CellKind.REGISTER),
        /** Of a primary key, whose values never merge. */
        RANGES(12, "ranges", CellKind.REGISTER);

        private final int code;
        private final String label;
        private final CellKind cells;

        Kind(int code, String label, CellKind cells) {
            this.code = code;
            this.label = label;
            this.cells = cells;
        }

        /** Returns the kind of cells that such columns have. */
        public CellKind cells() {
            return cells;
        }
    }

    private Rule(Kind kind, long minimum, String name, int version, String group) {
        this.kind = kind;
        this.minimum = minimum;
        this.name = name;
        this.version = version;
        this.group = group;
    }

    /** Returns the rule of a counter that never falls below {@code minimum}. */
    public static Rule bounded(long minimum) {
        return new Rule(Kind.BOUNDED, minimum, "", 0, "");
    }

    /** Returns the rule of a column that shows what the resolver of this name and version makes of concurrent values. */
    public static Rule custom(String name, int version) {
        return named(Kind.CUSTOM, name, version);
    }

    /** Returns the rule of a column of a unique key, of which the younger of two rivals shows what this renamer says. */
    public static Rule rename(String name, int version) {
        return named(Kind.RENAME, name, version);
    }

    private static Rule named(Kind kind, String name, int version) {
        String label = kind.label + ":" + name + "@" + version;
        if (version < 1 || !NAMED.matcher(label).matches()) {
            throw new IllegalArgumentException(
                    "'" + label + "' names no merge rule: a name begins with a letter and has up"
                            + " to 100 letters, digits, dots, dashes and underscores; a version is 1 or more");
        }
        return new Rule(kind, 0, name, version, "");
    }

    /**
     * Returns the rule called {@code label}.
     *
     * @throws IllegalArgumentException if there is none; the message says which there are
     */
    public static Rule parse(String label) {
        for (Rule rule : PLAIN) {
            if (rule.label().equals(label)) {
                return rule;
            }
        }
        Rule rule = label.startsWith("bounded:") ? parseBounded(label) : parseNamed(label);
        if (rule == null) {
            throw new IllegalArgumentException(
                    "unknown rule '" + label + "'; the rules are lww, counter, gcounter,"
                            + " bounded:MINIMUM, max, min, set, mv, list, rename, rename:NAME, ranges and custom:NAME or custom:NAME@VERSION");
        }
        return rule;
    }

    private static @Nullable Rule parseBounded(String label) {
        try {
            return bounded(Long.parseLong(label.substring("bounded:".length())));
        } catch (NumberFormatException e) {
            return null;
        }
    }

    private static @Nullable Rule parseNamed(String label) {
        Matcher matcher = NAMED.matcher(label);
        if (!matcher.matches()) {
            return null;
        }
        int version = matcher.group(3) == null ? 1 : Integer.parseInt(matcher.group(3));
        Kind kind = Kind.CUSTOM.label.equals(matcher.group(1)) ? Kind.CUSTOM : Kind.RENAME;
        return version < 1 ? null : named(kind, String.valueOf(matcher.group(2)), version);
    }

    /** Returns this rule for a column of a group. Only {@code lww} columns form groups. */
    public Rule inGroup(String groupName) {
        if (kind != Kind.LWW || groupName.isEmpty()) {
            throw new IllegalArgumentException("a column of rule " + label() + " cannot be in a group");
        }
        return new Rule(kind, minimum, name, version, groupName);
    }

    public Kind kind() {
        return kind;
    }

    /** Returns the least value of a bounded counter. */
    public long minimum() {
        return minimum;
    }

    /** Returns the name of the group that the column is written with; empty for none. */
    public String group() {
        return group;
    }

    /** Returns the name used on the command line and in messages: {@code bounded:0}, {@code custom:cart@1}. */
    public String label() {
        if (kind == Kind.BOUNDED) {
            return kind.label + ":" + minimum;
        }
        return isNamed() ? kind.label + ":" + name + "@" + version : kind.label;
    }

    /** Returns whether a function of the application takes part, which goes by the {@link #label}. */
    public boolean isNamed() {
        return !name.isEmpty();
    }

    // ---- Bytes

    /** Returns the label and, after a blank, the group: what a file keeps. */
    public String spec() {
        return group.isEmpty() ? label() : label() + " " + group;
    }

    public static Rule ofSpec(String spec) {
        int blank = spec.indexOf(' ');
        return blank < 0 ? parse(spec) : parse(spec.substring(0, blank)).inGroup(spec.substring(blank + 1));
    }

    public void write(ByteWriter out) {
        out.u8(kind.code | (group.isEmpty() ? 0 : IN_GROUP));
        if (kind == Kind.BOUNDED) {
            out.zigzag(minimum);
        } else if (kind == Kind.CUSTOM || kind == Kind.RENAME) {
            out.text(name).varint(version);
        }
        if (!group.isEmpty()) {
            out.text(group);
        }
    }

    public static Rule read(ByteReader in) {
        int code = in.u8();
        Rule rule = readKind(code & ~IN_GROUP, in);
        if ((code & IN_GROUP) == 0) {
            return rule;
        }
        String group = in.text(MAX_NAME_BYTES, "a group");
        if (rule.kind != Kind.LWW || group.isEmpty()) {
            throw in.error("the named group of an lww column", "group '" + group + "'");
        }
        return rule.inGroup(group);
    }

    private static Rule readKind(int code, ByteReader in) {
        if (code == Kind.BOUNDED.code) {
            return bounded(in.zigzag());
        }
        if (code == Kind.CUSTOM.code) {
            return readNamed(
                    Kind.CUSTOM, in.text(MAX_NAME_BYTES, "a name"), (int) in.varint(1, 999_999_999, "a version"), in);
        }
        if (code == Kind.RENAME.code) {
            String name = in.text(MAX_NAME_BYTES, "a name");
            int version = (int) in.varint(0, 999_999_999, "a version");
            return name.isEmpty() && version == 0 ? RENAME : readNamed(Kind.RENAME, name, version, in);
        }
        for (Rule rule : PLAIN) {
            if (rule.kind.code == code) {
                return rule;
            }
        }
        throw in.error("a merge rule that this version knows", "rule " + code);
    }

    private static Rule readNamed(Kind kind, String name, int version, ByteReader in) {
        Rule rule = parseNamed(kind.label + ":" + name + "@" + version);
        if (rule == null) {
            throw in.error("the name of a merge rule", "another text");
        }
        return rule;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Rule that
                && kind == that.kind
                && minimum == that.minimum
                && name.equals(that.name)
                && version == that.version
                && group.equals(that.group);
    }

    @Override
    public int hashCode() {
        return Objects.hash(kind, minimum, name, version, group);
    }

    /** Returns what a person is told: the label and the group. */
    @Override
    public String toString() {
        return group.isEmpty() ? label() : label() + " in group " + group;
    }
}
