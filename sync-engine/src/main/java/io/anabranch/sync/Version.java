// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import io.anabranch.crdt.causality.VersionVector;
import io.anabranch.crdt.codec.ByteReader;
import io.anabranch.crdt.codec.ByteWriter;
import io.anabranch.crdt.codec.Codecs;
import io.anabranch.crdt.codec.DecodeException;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * What a replica held at one moment, as a token that travels as text: in a header, a link, a message to another device. A replica that
 * {@link Replica#awaitVersion awaits} it shows at least what the first one showed. Grows with the number of origins, by some 25
 * characters each. Immutable.
 */
public final class Version {
    /** Holds of every replica. */
    public static final Version NOTHING = new Version(VersionVector.EMPTY);

    private static final String PREFIX = "v1.";
    private static final int MAX_LENGTH = 4 << 20;

    private final VersionVector vector;

    private Version(VersionVector vector) {
        this.vector = vector;
    }

    public static Version of(VersionVector vector) {
        return new Version(vector);
    }

    /**
     * Reads what {@link #toString} wrote.
     *
     * @throws IllegalArgumentException if it is no version, or a part of one
     */
    public static Version parse(String text) {
        String bare = text.trim();
        if (!bare.startsWith(PREFIX) || bare.length() > MAX_LENGTH) {
            throw notOne("it does not begin with " + PREFIX, null);
        }
        try {
            ByteReader in = new ByteReader(Base64.getUrlDecoder().decode(bare.substring(PREFIX.length())));
            Version version = new Version(Codecs.versionVector().read(in));
            in.end();
            return version;
        } catch (DecodeException | IllegalArgumentException e) {
            throw notOne(String.valueOf(e.getMessage()), e);
        }
    }

    private static IllegalArgumentException notOne(String why, @Nullable Exception cause) {
        return new IllegalArgumentException(
                "not a version: " + why + "; give it whole, as Replica.version() or 'anabranch status --json' said it",
                cause);
    }

    /** Returns whether a replica of this version holds all that one of {@code other} does. */
    public boolean includes(Version other) {
        return vector.dominates(other.vector);
    }

    public VersionVector vector() {
        return vector;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Version that && vector.equals(that.vector);
    }

    @Override
    public int hashCode() {
        return vector.hashCode();
    }

    /** Returns the token: ASCII letters, digits, {@code . - _}; equal for equal versions. */
    @Override
    public String toString() {
        ByteWriter out = new ByteWriter(64);
        Codecs.versionVector().write(vector, out);
        return PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(out.toByteArray());
    }
}
