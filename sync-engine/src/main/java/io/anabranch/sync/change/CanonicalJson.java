// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.change;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.math.RoundingMode;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * JSON in the one form that RFC 8785 gives each value, with one exception: an integer beyond 2^53, which no double holds, is
 * kept exactly. So 1, 1.0 and 1e0 are one value and "1" is another. Confined to one thread.
 */
public final class CanonicalJson {
    private static final int MAX_DEPTH = 32;
    private static final BigInteger EXACT = BigInteger.ONE.shiftLeft(53);
    private static final String HEX = "0123456789abcdef";

    private final String text;
    private int at;

    private CanonicalJson(String text) {
        this.text = text;
    }

    /** A text that is not what was asked for. The message says where and why. */
    public static final class Malformed extends Exception {
        private static final long serialVersionUID = 1;

        Malformed(String message) {
            super(message, null, false, false);
        }
    }

    /** Returns the elements of an array, each in canonical form, in the order of the array. */
    public static List<String> elements(byte[] utf8) throws Malformed {
        CanonicalJson json = new CanonicalJson(decode(utf8));
        json.blanks();
        List<String> elements = json.array(1);
        json.end();
        return elements;
    }

    /** Returns the canonical form of one value. */
    public static String of(String value) throws Malformed {
        CanonicalJson json = new CanonicalJson(value);
        String canonical = json.value(0);
        json.end();
        return canonical;
    }

    /** Returns the JSON string that says {@code text}. */
    public static String quote(String text) {
        StringBuilder out = new StringBuilder(text.length() + 2).append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            int escape = "\"\\\b\f\n\r\t".indexOf(c);
            if (escape >= 0) {
                out.append('\\').append("\"\\bfnrt".charAt(escape));
            } else if (c < 0x20) {
                out.append("\\u00").append(HEX.charAt(c >> 4)).append(HEX.charAt(c & 15));
            } else {
                out.append(c);
            }
        }
        return out.append('"').toString();
    }

    private static String decode(byte[] utf8) throws Malformed {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(utf8))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new Malformed("it is not UTF-8");
        }
    }

    // ---- Values

    private String value(int depth) throws Malformed {
        if (depth > MAX_DEPTH) {
            throw malformed("it is nested deeper than " + MAX_DEPTH);
        }
        blanks();
        char c = peek();
        switch (c) {
            case '{':
                return object(depth + 1);
            case '[':
                return "[" + String.join(",", array(depth + 1)) + "]";
            case '"':
                return quote(string());
            case 't':
                return word("true");
            case 'f':
                return word("false");
            case 'n':
                return word("null");
            default:
                return number();
        }
    }

    private List<String> array(int depth) throws Malformed {
        expect('[');
        List<String> elements = new ArrayList<>();
        blanks();
        if (peek() == ']') {
            at++;
            return elements;
        }
        while (true) {
            elements.add(value(depth));
            blanks();
            if (peek() == ']') {
                at++;
                return elements;
            }
            expect(',');
        }
    }

    /** Members by UTF-16 code units of their names, which is how Java compares strings. */
    private String object(int depth) throws Malformed {
        expect('{');
        Map<String, String> members = new TreeMap<>();
        blanks();
        if (peek() == '}') {
            at++;
            return "{}";
        }
        while (true) {
            blanks();
            String name = string();
            blanks();
            expect(':');
            if (members.put(name, value(depth)) != null) {
                throw malformed("two members are called " + quote(name));
            }
            blanks();
            if (peek() == '}') {
                at++;
                List<String> pairs = new ArrayList<>();
                members.forEach((member, value) -> pairs.add(quote(member) + ":" + value));
                return "{" + String.join(",", pairs) + "}";
            }
            expect(',');
        }
    }

    private String word(String word) throws Malformed {
        if (!text.startsWith(word, at)) {
            throw malformed("a value was expected");
        }
        at += word.length();
        return word;
    }

    // ---- Strings

    private String string() throws Malformed {
        expect('"');
        StringBuilder out = new StringBuilder();
        while (true) {
            char c = peek();
            at++;
            if (c == '"') {
                requireWholeCharacters(out);
                return out.toString();
            }
            if (c < 0x20) {
                throw malformed("a string holds a control character");
            }
            out.append(c == '\\' ? escaped() : c);
        }
    }

    private char escaped() throws Malformed {
        char c = peek();
        at++;
        if (c == 'u') {
            int code = 0;
            for (int i = 0; i < 4; i++, at++) {
                int digit = HEX.indexOf(Character.toLowerCase(peek()));
                if (digit < 0) {
                    throw malformed("four hexadecimal digits were expected");
                }
                code = code << 4 | digit;
            }
            return (char) code;
        }
        int known = "\"\\/bfnrt".indexOf(c);
        if (known < 0) {
            throw malformed("there is no escape \\" + c);
        }
        return "\"\\/\b\f\n\r\t".charAt(known);
    }

    private void requireWholeCharacters(CharSequence string) throws Malformed {
        for (int i = 0; i < string.length(); i++) {
            char c = string.charAt(i);
            if (Character.isHighSurrogate(c)
                    && i + 1 < string.length()
                    && Character.isLowSurrogate(string.charAt(i + 1))) {
                i++;
            } else if (Character.isSurrogate(c)) {
                throw malformed("a string holds half a character");
            }
        }
    }

    // ---- Numbers

    private String number() throws Malformed {
        int start = at;
        skip('-');
        int first = at;
        digits();
        if (text.charAt(first) == '0' && at > first + 1) {
            throw malformed("a number begins with 0");
        }
        boolean isInteger = true;
        if (at < text.length() && text.charAt(at) == '.') {
            isInteger = false;
            at++;
            digits();
        }
        if (at < text.length() && (text.charAt(at) == 'e' || text.charAt(at) == 'E')) {
            isInteger = false;
            at++;
            if (!skip('+')) {
                skip('-');
            }
            digits();
        }
        String literal = text.substring(start, at);
        if (isInteger && literal.length() > 15) {
            BigInteger exact = new BigInteger(literal);
            if (exact.abs().compareTo(EXACT) > 0) {
                return exact.toString();
            }
        }
        return real(Double.parseDouble(literal));
    }

    private void digits() throws Malformed {
        int start = at;
        while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
            at++;
        }
        if (at == start) {
            throw malformed("a value was expected");
        }
    }

    private boolean skip(char c) {
        boolean isThere = at < text.length() && text.charAt(at) == c;
        at += isThere ? 1 : 0;
        return isThere;
    }

    /** As ECMAScript writes it. {@link Double#toString} gives the shortest digits only since Java 19. */
    private String real(double value) throws Malformed {
        if (Double.isInfinite(value)) {
            throw malformed("a number is beyond what a double holds");
        }
        if (value == 0) {
            return "0";
        }
        BigDecimal shortest = shortest(Math.abs(value));
        String digits = shortest.unscaledValue().toString();
        int point = digits.length() - shortest.scale(); // How many digits come before the point.
        String sign = value < 0 ? "-" : "";
        if (digits.length() <= point && point <= 21) {
            return sign + digits + zeros(point - digits.length());
        }
        if (0 < point && point <= 21) {
            return sign + digits.substring(0, point) + "." + digits.substring(point);
        }
        if (-6 < point && point <= 0) {
            return sign + "0." + zeros(-point) + digits;
        }
        String exponent = (point > 0 ? "e+" : "e-") + Math.abs(point - 1);
        return sign + digits.charAt(0) + (digits.length() == 1 ? "" : "." + digits.substring(1)) + exponent;
    }

    private static BigDecimal shortest(double value) {
        BigDecimal exact = new BigDecimal(value);
        for (int digits = 1; digits < 17; digits++) {
            BigDecimal rounded = exact.round(new MathContext(digits, RoundingMode.HALF_EVEN));
            if (rounded.doubleValue() == value) {
                return rounded.stripTrailingZeros();
            }
        }
        return exact.round(new MathContext(17, RoundingMode.HALF_EVEN)).stripTrailingZeros();
    }

    private static String zeros(int count) {
        StringBuilder zeros = new StringBuilder();
        for (int i = 0; i < count; i++) {
            zeros.append('0');
        }
        return zeros.toString();
    }

    // ---- Characters

    private void blanks() {
        while (at < text.length() && " \t\n\r".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
    }

    private char peek() throws Malformed {
        if (at >= text.length()) {
            throw malformed("it ends too early");
        }
        return text.charAt(at);
    }

    private void expect(char c) throws Malformed {
        if (peek() != c) {
            throw malformed("'" + c + "' was expected");
        }
        at++;
    }

    private void end() throws Malformed {
        blanks();
        if (at < text.length()) {
            throw malformed("something follows its end");
        }
    }

    private Malformed malformed(String why) {
        return new Malformed(why + ", at character " + (at + 1));
    }
}
