// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.access;

import java.util.Collection;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** What a token allows in its space. None includes another. */
public enum Right {
    /** To be given change sets. */
    READ,
    /** To bring change sets. */
    WRITE,
    /** To make, list and revoke the tokens of the space. */
    ADMIN;

    /** The names of all, as messages list them. */
    public static final String NAMES = "read, write, admin";

    /** Returns the name that people and programs use. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * Returns the rights named.
     *
     * @throws IllegalArgumentException if one of {@code words} names none, or there are none
     */
    public static Set<Right> parse(Collection<String> words) {
        Set<Right> rights = EnumSet.noneOf(Right.class);
        for (String word : words) {
            rights.add(parse(word));
        }
        if (rights.isEmpty()) {
            throw new IllegalArgumentException("no rights were named; the rights are " + NAMES);
        }
        return Collections.unmodifiableSet(rights);
    }

    private static Right parse(String word) {
        for (Right right : values()) {
            if (right.word().equals(word)) {
                return right;
            }
        }
        throw new IllegalArgumentException("unknown right '" + word + "'; the rights are " + NAMES);
    }

    /** Returns the names of {@code rights}, in order. */
    public static String words(Set<Right> rights) {
        return rights.stream().sorted().map(Right::word).collect(Collectors.joining(","));
    }
}
