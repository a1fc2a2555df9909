// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.session;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.causality.VersionVector;
import io.anabranch.crdt.codec.ByteReader;
import io.anabranch.crdt.codec.ByteWriter;
import io.anabranch.crdt.codec.Codecs;
import io.anabranch.sync.change.Hash128;
import io.anabranch.sync.change.Snapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What two peers tell each other beside change sets: snapshots, where one's log no longer reaches back to what the other
 * lacks or where one asks for it, and the purge vector. Either side of an exchange may say any of it. Immutable.
 *
 * @param offer a snapshot that the reader needs
 * @param want bytes of a snapshot that the reader offered
 * @param part bytes of a snapshot that the reader wanted
 * @param purged what all that is brought must have been held against, and what hidden lives may be dropped by unless {@code forgotten} says less;
 *     null if nothing is purged
 * @param checked the hash of the purge vector that what the sender brings was held against; null for none
 * @param asks the speaker would like a snapshot of what both hold, to keep it for others
 * @param forgotten what hidden lives may be dropped by, where that is less than {@code purged}; null where it is not
 * @param words what relays said of themselves, the speaker first; none unless a relay speaks
 * @param fenced nothing of the request was taken: it must be held against {@code purged} first
 * @param digest what the speaker's rows come to at the heads that it says; null if it does not say
 * @param compared how the digest that the reader said compares with others'; null if it said none, or nobody here can tell
 */
public record Aside(
        @Nullable Offer offer,
        @Nullable Range want,
        @Nullable Part part,
        @Nullable VersionVector purged,
        @Nullable Hash128 checked,
        boolean fenced,
        boolean asks,
        @Nullable VersionVector forgotten,
        List<Word> words,
        @Nullable DigestPost digest,
        @Nullable Comparison compared) {
    public static final Aside NOTHING =
            new Aside(null, null, null, null, null, false, false, null, List.of(), null, null);

    /** How many bytes of a snapshot a message carries at most. */
    public static final int MAX_PART_BYTES = 1 << 20;

    private static final int OFFER = 16;
    private static final int WANT = 17;
    private static final int PART = 18;
    private static final int PURGED = 19;
    private static final int CHECKED = 20;
    private static final int FENCED = 21;
    private static final int ASKS = 22;
    private static final int FORGOTTEN = 23;
    private static final int WORDS = 24;
    private static final int DIGEST = 32;
    private static final int COMPARED = 33;

    /** A snapshot that is there for the asking, and what it covers. */
    public record Offer(Snapshot.Id id, VersionVector vector) {}

    /** The bytes of a snapshot from {@code from} on. */
    public record Range(Snapshot.Id id, long from) {}

    /** Bytes of a snapshot. */
    public record Part(Snapshot.Id id, long from, byte[] bytes) {}

    /**
     * What a relay said of itself.
     *
     * @param fence it takes an origin's own change sets only if their writer had seen all of this
     * @param held what it held when it said so, at the least
     */
    public record Word(Origin relay, VersionVector fence, VersionVector held) {}

    public Aside {
        words = List.copyOf(words);
    }

    /** Returns the hash by which two peers tell whether they mean one purge vector; null for an empty one. */
    public static @Nullable Hash128 hash(VersionVector purged) {
        return purged.isEmpty() ? null : Hash128.of(bytes(purged), new byte[0]);
    }

    private static byte[] bytes(VersionVector vector) {
        ByteWriter out = new ByteWriter(64);
        Codecs.versionVector().write(vector, out);
        return out.toByteArray();
    }

    // ---- Bytes

    /** Returns each thing that is said, by its kind. */
    SortedMap<Integer, byte[]> encode() {
        TreeMap<Integer, byte[]> said = new TreeMap<>();
        if (offer != null) {
            ByteWriter out = id(offer.id);
            Codecs.versionVector().write(offer.vector, out);
            said.put(OFFER, out.toByteArray());
        }
        if (want != null) {
            said.put(WANT, id(want.id).varint(want.from).toByteArray());
        }
        if (part != null) {
            said.put(PART, id(part.id).varint(part.from).blob(part.bytes).toByteArray());
        }
        if (purged != null) {
            said.put(PURGED, bytes(purged));
        }
        if (checked != null) {
            said.put(CHECKED, checked.bytes());
        }
        if (fenced) {
            said.put(FENCED, new byte[0]);
        }
        if (asks) {
            said.put(ASKS, new byte[0]);
        }
        if (forgotten != null) {
            said.put(FORGOTTEN, bytes(forgotten));
        }
        if (!words.isEmpty()) {
            said.put(WORDS, encodeWords());
        }
        if (digest != null) {
            ByteWriter out = new ByteWriter(32);
            digest.write(out);
            said.put(DIGEST, out.toByteArray());
        }
        if (compared != null) {
            ByteWriter out = new ByteWriter(32);
            compared.write(out);
            said.put(COMPARED, out.toByteArray());
        }
        return said;
    }

    private byte[] encodeWords() {
        ByteWriter out = new ByteWriter(256).varint(words.size());
        for (Word word : words) {
            out.origin(word.relay);
            Codecs.versionVector().write(word.fence, out);
            Codecs.versionVector().write(word.held, out);
        }
        return out.toByteArray();
    }

    private static List<Word> readWords(ByteReader in) {
        List<Word> words = new ArrayList<>();
        for (int n = in.count(Origin.SIZE_BYTES + 2, "relays"); n > 0; n--) {
            words.add(new Word(
                    in.origin(),
                    Codecs.versionVector().read(in),
                    Codecs.versionVector().read(in)));
        }
        return words;
    }

    private static ByteWriter id(Snapshot.Id id) {
        ByteWriter out = new ByteWriter(64);
        id.hash().write(out);
        return out.varint(id.sizeBytes());
    }

    /** Returns what was said. Kinds that are not known here are passed over. */
    static Aside decode(SortedMap<Integer, ByteReader> said) {
        ByteReader offer = said.get(OFFER);
        ByteReader want = said.get(WANT);
        ByteReader part = said.get(PART);
        ByteReader purged = said.get(PURGED);
        ByteReader checked = said.get(CHECKED);
        ByteReader forgotten = said.get(FORGOTTEN);
        ByteReader words = said.get(WORDS);
        ByteReader digest = said.get(DIGEST);
        ByteReader compared = said.get(COMPARED);
        Aside aside = new Aside(
                offer == null
                        ? null
                        : new Offer(readId(offer), Codecs.versionVector().read(offer)),
                want == null ? null : new Range(readId(want), want.varint(0, Long.MAX_VALUE, "a place")),
                part == null ? null : readPart(part),
                purged == null ? null : Codecs.versionVector().read(purged),
                checked == null ? null : Hash128.read(checked),
                said.containsKey(FENCED),
                said.containsKey(ASKS),
                forgotten == null ? null : Codecs.versionVector().read(forgotten),
                words == null ? List.of() : readWords(words),
                digest == null ? null : DigestPost.read(digest),
                compared == null ? null : Comparison.read(compared));
        said.forEach((kind, in) -> {
            if (kind >= OFFER && kind <= WORDS || kind == DIGEST || kind == COMPARED) {
                in.end();
            }
        });
        return aside;
    }

    private static Part readPart(ByteReader in) {
        return new Part(readId(in), in.varint(0, Long.MAX_VALUE, "a place"), in.blob(MAX_PART_BYTES, "a part"));
    }

    private static Snapshot.Id readId(ByteReader in) {
        return new Snapshot.Id(Hash128.read(in), in.varint(1, Long.MAX_VALUE, "a size"));
    }

    // ---- One thing more

    Aside withOffer(@Nullable Offer next) {
        return new Aside(next, want, part, purged, checked, fenced, asks, forgotten, words, digest, compared);
    }

    public Aside withWant(@Nullable Range next) {
        return new Aside(offer, next, part, purged, checked, fenced, asks, forgotten, words, digest, compared);
    }

    Aside withPart(@Nullable Part next) {
        return new Aside(offer, want, next, purged, checked, fenced, asks, forgotten, words, digest, compared);
    }

    /** Returns this, with the purge vector that the speaker goes by. */
    public Aside withPurged(@Nullable VersionVector next) {
        return new Aside(offer, want, part, next, checked, fenced, asks, forgotten, words, digest, compared);
    }

    /** Returns this, with the hash of the purge vector that own change sets were held against. */
    public Aside withChecked(@Nullable Hash128 next) {
        return new Aside(offer, want, part, purged, next, fenced, asks, forgotten, words, digest, compared);
    }

    /** Returns what carries bytes of a snapshot and says nothing else. */
    public static Aside of(Part part) {
        return NOTHING.withPart(part);
    }

    /** Returns this, as if no bytes of a snapshot were wanted. */
    public Aside withoutWant() {
        return withWant(null);
    }

    /** Returns this, as if no snapshot were offered. */
    public Aside withoutOffer() {
        return withOffer(null);
    }

    Aside withFenced() {
        return new Aside(offer, want, part, purged, checked, true, asks, forgotten, words, digest, compared);
    }

    Aside withAsks(boolean next) {
        return new Aside(offer, want, part, purged, checked, fenced, next, forgotten, words, digest, compared);
    }

    Aside withForgotten(@Nullable VersionVector next) {
        return new Aside(offer, want, part, purged, checked, fenced, asks, next, words, digest, compared);
    }

    /** Returns this, with what relays said of themselves. */
    public Aside withWords(List<Word> next) {
        return new Aside(offer, want, part, purged, checked, fenced, asks, forgotten, next, digest, compared);
    }

    /** Returns this, with what the speaker's rows come to. */
    public Aside withDigest(@Nullable DigestPost next) {
        return new Aside(offer, want, part, purged, checked, fenced, asks, forgotten, words, next, compared);
    }

    Aside withCompared(@Nullable Comparison next) {
        return new Aside(offer, want, part, purged, checked, fenced, asks, forgotten, words, digest, next);
    }

    /** Returns what hidden lives may be dropped by; null if nothing was said of it. */
    public @Nullable VersionVector droppable() {
        return forgotten == null ? purged : forgotten;
    }
}
