// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.session;

/** What may name a space. */
public final class SpaceName {
    /** The rule, as messages say it. */
    public static final String RULE =
            "a space's name has 1 to 200 characters, no control characters, and is neither '.' nor '..'";

    private static final int MAX_LENGTH = 200;

    private SpaceName() {}

    /** Returns whether {@code name} follows {@link #RULE}: it has to survive in a URL. */
    public static boolean isValid(String name) {
        return !name.isEmpty()
                && name.length() <= MAX_LENGTH
                && !name.equals(".")
                && !name.equals("..")
                && name.chars().noneMatch(Character::isISOControl);
    }
}
