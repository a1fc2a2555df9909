// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import io.anabranch.crdt.causality.Origin;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Makes positions for columns of rule {@code list}: texts that sort, as SQLite sorts them, in the order of the list. Between
 * any two there is room for another, and none is ever renumbered. What one replica inserts in one go, forwards or backwards,
 * stays together whatever others insert at the same place. Thread-safe if the source of randomness is.
 *
 * <pre>{@code
 * Positions positions = replica.positions();
 * String top = positions.between(null, first);
 * String after = positions.between(third, fourth);
 * String end = positions.between(last, null);
 * }</pre>
 *
 * <p>A position has 25 characters and grows by 24 with each time that writers took turns around it.
 *
 * <p>Source: Weidner and Kleppmann, "The Art of the Fugue", arXiv:2305.00583, 2023; see {@code crdt}'s Position. A text is
 * the path of its place: for each step a side, {@code <} or {@code >}, the run's name and the index in the run; and {@code =}
 * at the end, which sorts between the two sides.
 */
public final class Positions {
    /** In ASCII's order. */
    private static final String DIGITS = "-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz";

    private static final char LEFT = '<';
    private static final char END = '=';
    private static final char RIGHT = '>';
    /** Before every character that a position is made of. */
    private static final char SUFFIX = '!';

    private static final int ORIGIN_DIGITS = 11;
    private static final int RUN_DIGITS = 10;
    private static final Pattern LAST_STEP =
            Pattern.compile("([<>])([-\\w]{" + ORIGIN_DIGITS + "})([-\\w]{" + RUN_DIGITS + "})([A-Za-z][-\\w]+)=");

    private final Origin self;
    private final Random random;

    /** @param self the replica that inserts: it alone goes on with its runs */
    public Positions(Origin self, Random random) {
        this.self = self;
        this.random = random;
    }

    /**
     * Returns a new position between two neighbours.
     *
     * @param before the position above, null at the top
     * @param after the position below, null at the end
     * @throws IllegalArgumentException if they are not in this order
     */
    public String between(@Nullable String before, @Nullable String after) {
        if (before != null && after != null && before.compareTo(after) >= 0) {
            throw new IllegalArgumentException("not in order: " + before + ", " + after);
        }
        if (before != null && (after == null || !isUnder(after, before))) {
            String next = isRunContinued(before, after) ? null : shifted(before, 1);
            return next != null ? next : path(before) + RIGHT + newRun();
        }
        if (after != null) {
            String previous = before != null && isRunContinued(after, before) ? null : shifted(after, -1);
            return previous != null ? previous : path(after) + LEFT + newRun();
        }
        return RIGHT + newRun();
    }

    /** Returns whether a position hangs below another one, on either side. */
    private static boolean isUnder(String position, String ancestor) {
        String path = path(ancestor);
        return position.length() > path.length() + 1
                && position.startsWith(path)
                && position.charAt(path.length()) != END;
    }

    /** Returns whether {@code other} lies in the run of {@code position}, or under a place of it. */
    private static boolean isRunContinued(String position, @Nullable String other) {
        Matcher step = LAST_STEP.matcher(position);
        return other != null && findLast(step, position) && other.startsWith(position.substring(0, step.start(4)));
    }

    private static boolean findLast(Matcher step, String position) {
        int start = Math.max(position.lastIndexOf(LEFT), position.lastIndexOf(RIGHT));
        return start >= 0 && step.region(start, position.length()).matches();
    }

    /** Returns the neighbour in an own run; null if the run is another's. */
    private @Nullable String shifted(String position, int by) {
        Matcher step = LAST_STEP.matcher(position);
        if (!findLast(step, position) || !name(self).equals(step.group(2))) {
            return null;
        }
        return position.substring(0, step.start(4)) + index(number(step.group(4)) + by) + END;
    }

    private String newRun() {
        return name(self) + digits(random.nextLong() >>> 4, RUN_DIGITS) + index(0) + END;
    }

    /**
     * Returns a text as a position of its own: a position as it is; any other so that it sorts as it did and no other replica
     * writes the same.
     */
    public static String complete(String text, Origin self) {
        return text.endsWith("" + END) ? text : text + SUFFIX + name(self) + END;
    }

    private static String path(String position) {
        return position.endsWith("" + END) ? position.substring(0, position.length() - 1) : position;
    }

    // ---- Digits

    /** The first half of an origin tells writers of one list apart. */
    private static String name(Origin origin) {
        return digits(origin.high(), ORIGIN_DIGITS);
    }

    private static String digits(long bits, int count) {
        StringBuilder out = new StringBuilder();
        for (int i = count - 1; i >= 0; i--) {
            out.append(DIGITS.charAt((int) (bits >>> 6 * i & 63)));
        }
        return out.toString();
    }

    /** A letter says how many digits follow, so that indices sort: n to z for 1 to 13, and m down to a below zero. */
    private static String index(long index) {
        long rest = index < 0 ? -(index + 1) : index;
        int count = 1;
        while (count < ORIGIN_DIGITS && rest >>> 6 * count != 0) {
            count++;
        }
        char length = (char) (index < 0 ? 'm' - (count - 1) : 'n' + (count - 1));
        return length + digits(index < 0 ? ~rest : rest, count);
    }

    private static long number(String index) {
        long bits = 0;
        for (int i = 1; i < index.length(); i++) {
            bits = bits << 6 | DIGITS.indexOf(index.charAt(i));
        }
        int width = 6 * (index.length() - 1);
        return index.charAt(0) < 'n' ? -(~bits & (width >= 64 ? -1L : (1L << width) - 1)) - 1 : bits;
    }
}
