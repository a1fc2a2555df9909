// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.access;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A token as its holder keeps it: {@code anabranch_<id>_<secret>}. The id finds the entry; the secret, 256 random bits, is
 * known only by its SHA-256. That many random bits need no slow hash: there is nothing to guess from. Immutable.
 */
public final class TokenSecret {
    private static final Pattern FORM = Pattern.compile("anabranch_([0-9a-f]{16})_([A-Za-z0-9_-]{43})");
    private static final int SECRET_BYTES = 32;

    private final String id;
    private final String secret;

    private TokenSecret(String id, String secret) {
        this.id = id;
        this.secret = secret;
    }

    static TokenSecret random(SecureRandom random) {
        byte[] bytes = new byte[SECRET_BYTES];
        random.nextBytes(bytes);
        String secret = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
        return new TokenSecret(String.format("%016x", random.nextLong()), secret);
    }

    /** Returns null if {@code text} is no token. */
    public static @Nullable TokenSecret parse(String text) {
        Matcher form = FORM.matcher(text);
        return form.matches() ? new TokenSecret(form.group(1), form.group(2)) : null;
    }

    public String id() {
        return id;
    }

    byte[] hash() {
        try {
            return MessageDigest.getInstance("SHA-256").digest(secret.getBytes(StandardCharsets.US_ASCII));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java has SHA-256", e);
        }
    }

    /** Returns what the holder keeps. To be shown once, and logged never. */
    String text() {
        return "anabranch_" + id + "_" + secret;
    }

    /** Without the secret, so that no log has it. */
    @Override
    public String toString() {
        return "token " + id;
    }
}
