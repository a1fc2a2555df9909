// SPDX-License-Identifier: Apache-2.0
package io.anabranch.simulator;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The version of the program that made a trace, which the first six digits of the trace say. Another version may draw another
 * history from the same seed, so its traces cannot be compared. Immutable.
 */
public record TraceVersion(int major, int minor, int patch) {
    private static final String PROPERTIES = "version.properties";
    private static final Pattern NUMBERS = Pattern.compile("(\\d+)\\.(\\d+)\\.(\\d+).*");
    private static final Pattern TRACE = Pattern.compile("([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})[0-9a-f]{32}");
    private static final int HEXADECIMAL = 16;
    private static final int MOST = 255;

    /** Checks that each number can be said by two digits. */
    public TraceVersion {
        if ((major | minor | patch) < 0 || major > MOST || minor > MOST || patch > MOST) {
            throw new IllegalArgumentException(
                    "each number of a version is from 0 to " + MOST + ": " + major + "." + minor + "." + patch);
        }
    }

    /** Returns the version of this program. */
    static TraceVersion current() {
        return Current.VERSION;
    }

    /**
     * Checks that this version of the program could have made a trace.
     *
     * @throws IllegalArgumentException if it is no trace, or of another version; the message says which
     */
    public static void check(String trace) {
        Matcher matcher = TRACE.matcher(trace);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                    "'" + trace + "' is no trace: one has 38 hexadecimal digits, as a run prints them");
        }
        TraceVersion maker = of(matcher, HEXADECIMAL);
        if (!maker.equals(current())) {
            throw new IllegalArgumentException("trace " + trace + " was made by version " + maker + "; this is "
                    + current() + ", which may draw another history from the same seed: run it with " + maker);
        }
    }

    private static TraceVersion of(Matcher matcher, int radix) {
        return new TraceVersion(
                Integer.parseInt(matcher.group(1), radix),
                Integer.parseInt(matcher.group(2), radix),
                Integer.parseInt(matcher.group(3), radix));
    }

    /** Returns the digits that traces begin with. */
    String digits() {
        return String.format(Locale.ROOT, "%02x%02x%02x", major, minor, patch);
    }

    @Override
    public String toString() {
        return major + "." + minor + "." + patch;
    }

    private static final class Current {
        static final TraceVersion VERSION = read();

        private static TraceVersion read() {
            Properties properties = new Properties();
            try (InputStream in = TraceVersion.class.getResourceAsStream(PROPERTIES)) {
                properties.load(in);
            } catch (IOException e) {
                throw new UncheckedIOException("cannot read " + PROPERTIES, e);
            }
            Matcher matcher = NUMBERS.matcher(properties.getProperty("version"));
            if (!matcher.matches()) {
                throw new AssertionError("not a version: " + properties);
            }
            return of(matcher, 10);
        }
    }
}
