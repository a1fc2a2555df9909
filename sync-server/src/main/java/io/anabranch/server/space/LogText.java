// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.space;

/** What others chose, as a log may have it. */
public final class LogText {
    /** The name under which a relay tells the story of its day; {@code serve} shows all of it, and of other loggers warnings. */
    public static final String LOGGER = "relay";

    private static final int MOST_CHARACTERS = 500;

    private LogText() {}

    /**
     * Returns a text in quotes that can neither end a line nor begin another field, nor change how what follows is shown. What is
     * too long is cut.
     */
    public static String quoted(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        text.codePoints().limit(MOST_CHARACTERS).forEach(c -> {
            if (c == '"' || c == '\\') {
                quoted.append('\\');
            }
            quoted.appendCodePoint(isPrintable(c) ? c : '?');
        });
        return quoted.append('"').toString();
    }

    private static boolean isPrintable(int codePoint) {
        switch (Character.getType(codePoint)) {
            case Character.CONTROL:
            case Character.FORMAT:
            case Character.LINE_SEPARATOR:
            case Character.PARAGRAPH_SEPARATOR:
            case Character.SURROGATE:
            case Character.UNASSIGNED:
                return false;
            default:
                return true;
        }
    }
}
