// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.session;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.codec.ByteReader;
import io.anabranch.crdt.codec.ByteWriter;
import io.anabranch.crdt.codec.DecodeException;
import io.anabranch.sync.change.BodyLimits;
import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.change.Hash128;
import io.anabranch.sync.change.Head;
import io.anabranch.sync.change.HeadsCodec;
import io.anabranch.sync.change.Part;
import io.anabranch.sync.change.PartsHeld;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/**
 * The bytes of messages, version 1. Each begins with {@code "AB"}, the version, the type, a hash and whether the rest is deflated;
 * {@code docs/protocol.md} lists every byte.
 */
public final class MessageCodec {
    /** The media type of both messages. */
    public static final String MEDIA_TYPE = "application/vnd.anabranch.sync";

    /** The protocol that this version speaks, and the newest that it understands. */
    public static final int PROTOCOL = 1;

    /** The oldest that it understands. */
    public static final int OLDEST_PROTOCOL = 1;

    /** The largest message once inflated. */
    public static final int MAX_INFLATED_BYTES = 16 << 20;

    /** Senders do not deflate further than this, so that receivers can refuse what does as a bomb. */
    public static final int MAX_INFLATE_RATIO = 100;

    private static final int REQUEST = 1;
    private static final int REPLY = 2;
    private static final int STORED = 0;
    private static final int DEFLATED = 1;
    private static final int WORTH_DEFLATING_BYTES = 128;

    private static final int FULL = 0;
    private static final int DIFFERENCE = 1;
    private static final int BASE_UNKNOWN = 1;
    private static final int MORE = 2;

    private static final int WAITING = 1;
    private static final int PARTS = 2;

    private MessageCodec() {}

    public static byte[] encode(SyncRequest request) {
        ByteWriter out = new ByteWriter(1024);
        out.origin(request.origin());
        HeadsCodec.writeHead(request.head(), out);
        request.sum().write(out);
        if (request.base() == null) {
            out.u8(FULL);
        } else {
            out.u8(DIFFERENCE);
            request.base().write(out);
        }
        HeadsCodec.write(request.changes(), out);
        out.varint(request.maxReplyBytes());
        writeChangeSets(request.changeSets(), out);
        writeExtras(request.waiting(), request.parts(), request.aside(), out);
        return frame(REQUEST, out);
    }

    /**
     * Reads a request.
     *
     * @throws OtherProtocolException if it is of a protocol that is not understood here
     * @throws DecodeException if it is none
     */
    public static SyncRequest decodeRequest(byte[] message) {
        ByteReader in = unframe(REQUEST, message);
        Origin origin = in.origin();
        Head head = HeadsCodec.readHead(in);
        Hash128 sum = Hash128.read(in);
        Hash128 base = in.varint(FULL, DIFFERENCE, "a vector form") == FULL ? null : Hash128.read(in);
        SortedMap<Origin, Head> changes = HeadsCodec.read(in);
        long maxReplyBytes = in.varint(0, Long.MAX_VALUE, "a limit");
        List<EncodedChangeSet> changeSets = readChangeSets(in);
        Extras extras = readExtras(in);
        in.end();
        return new SyncRequest(
                origin,
                head,
                sum,
                base,
                changes,
                maxReplyBytes,
                changeSets,
                extras.waiting,
                extras.parts,
                Aside.decode(extras.others));
    }

    public static byte[] encode(SyncReply reply) {
        ByteWriter out = new ByteWriter(1024);
        out.origin(reply.peer());
        reply.epoch().write(out);
        out.varint(reply.timeMillis());
        out.u8((reply.baseUnknown() ? BASE_UNKNOWN : 0) | (reply.more() ? MORE : 0));
        reply.sum().write(out);
        HeadsCodec.write(reply.changes(), out);
        HeadsCodec.writeHead(reply.knownOfYou(), out);
        writeChangeSets(reply.changeSets(), out);
        writeExtras(reply.waiting(), reply.parts(), reply.aside(), out);
        return frame(REPLY, out);
    }

    public static SyncReply decodeReply(byte[] message) {
        ByteReader in = unframe(REPLY, message);
        Origin peer = in.origin();
        Hash128 epoch = Hash128.read(in);
        long timeMillis = in.varint(0, Long.MAX_VALUE, "a time");
        int flags = (int) in.varint(0, BASE_UNKNOWN | MORE, "flags");
        Hash128 sum = Hash128.read(in);
        SortedMap<Origin, Head> changes = HeadsCodec.read(in);
        Head knownOfYou = HeadsCodec.readHead(in);
        List<EncodedChangeSet> changeSets = readChangeSets(in);
        Extras extras = readExtras(in);
        in.end();
        return new SyncReply(
                peer,
                epoch,
                timeMillis,
                (flags & BASE_UNKNOWN) != 0,
                sum,
                changes,
                knownOfYou,
                changeSets,
                (flags & MORE) != 0,
                extras.waiting,
                extras.parts,
                Aside.decode(extras.others));
    }

    // ---- Parts

    private static void writeChangeSets(List<EncodedChangeSet> changeSets, ByteWriter out) {
        out.varint(changeSets.size());
        for (EncodedChangeSet changeSet : changeSets) {
            out.blob(changeSet.bytes());
        }
    }

    private static List<EncodedChangeSet> readChangeSets(ByteReader in) {
        List<EncodedChangeSet> changeSets = new ArrayList<>();
        for (int n = in.count(40, "change sets"); n > 0; n--) {
            int at = in.position();
            byte[] bytes = in.blob(MAX_INFLATED_BYTES, "a change set");
            try {
                changeSets.add(EncodedChangeSet.of(bytes));
            } catch (DecodeException e) {
                throw new DecodeException(at, "a change set", "bytes that are none (" + e.getMessage() + ")");
            }
        }
        return changeSets;
    }

    // ---- Extras

    /** What later versions added, each behind its kind: a reader passes over kinds that it does not know. */
    private static void writeExtras(List<PartsHeld> waiting, List<Part> parts, Aside aside, ByteWriter out) {
        SortedMap<Integer, byte[]> others = aside.encode();
        out.varint((waiting.isEmpty() ? 0 : 1) + (parts.isEmpty() ? 0 : 1) + others.size());
        if (!waiting.isEmpty()) {
            ByteWriter content = new ByteWriter(64 * waiting.size());
            content.varint(waiting.size());
            for (PartsHeld held : waiting) {
                content.origin(held.origin()).varint(held.seq());
                held.hash().write(content);
                content.varint(held.count());
            }
            out.varint(WAITING).nested(content);
        }
        if (!parts.isEmpty()) {
            ByteWriter content = new ByteWriter(1024);
            content.varint(parts.size());
            for (Part part : parts) {
                content.origin(part.origin())
                        .varint(part.seq())
                        .varint(part.index())
                        .blob(part.bytes());
            }
            out.varint(PARTS).nested(content);
        }
        others.forEach((kind, content) -> out.varint(kind).blob(content));
    }

    private static Extras readExtras(ByteReader in) {
        Extras extras = new Extras();
        long last = -1;
        for (int n = in.count(2, "extras"); n > 0; n--) {
            long kind = in.varint(last + 1, Integer.MAX_VALUE, "a kind of extra");
            ByteReader content = in.nested(MAX_INFLATED_BYTES, "an extra");
            if (kind == WAITING) {
                extras.waiting = readWaiting(content);
                content.end();
            } else if (kind == PARTS) {
                extras.parts = readParts(content);
                content.end();
            } else {
                extras.others.put((int) kind, content);
            }
            last = kind;
        }
        return extras;
    }

    private static List<PartsHeld> readWaiting(ByteReader in) {
        List<PartsHeld> waiting = new ArrayList<>();
        for (int n = in.count(Origin.SIZE_BYTES + Hash128.SIZE_BYTES + 2, "waiting change sets"); n > 0; n--) {
            waiting.add(new PartsHeld(in.origin(), in.varint(1, Long.MAX_VALUE, "a seq"), Hash128.read(in), (int)
                    in.varint(0, BodyLimits.MAX_PARTS, "a count of parts")));
        }
        return waiting;
    }

    private static List<Part> readParts(ByteReader in) {
        List<Part> parts = new ArrayList<>();
        for (int n = in.count(Origin.SIZE_BYTES + 3, "parts"); n > 0; n--) {
            parts.add(new Part(
                    in.origin(),
                    in.varint(1, Long.MAX_VALUE, "a seq"),
                    (int) in.varint(0, BodyLimits.MAX_PARTS, "a part's number"),
                    in.blob(BodyLimits.MAX_PART_BYTES, "a part")));
        }
        return parts;
    }

    private static final class Extras {
        private List<PartsHeld> waiting = List.of();
        private List<Part> parts = List.of();
        /** By kind, which are all above those of the two. */
        private final SortedMap<Integer, ByteReader> others = new TreeMap<>();
    }

    // ---- Frame

    private static byte[] frame(int type, ByteWriter content) {
        byte[] plain = content.toByteArray();
        byte[] deflated = plain.length < WORTH_DEFLATING_BYTES ? plain : deflate(plain);
        boolean worthIt = deflated.length < plain.length && plain.length <= (long) MAX_INFLATE_RATIO * deflated.length;
        ByteWriter out = new ByteWriter(deflated.length + 16);
        out.u8('A').u8('B').u8(PROTOCOL).u8(type).fixed64(hash(plain));
        if (worthIt) {
            out.u8(DEFLATED).varint(plain.length).raw(deflated);
        } else {
            out.u8(STORED).raw(plain);
        }
        return out.toByteArray();
    }

    private static ByteReader unframe(int type, byte[] message) {
        ByteReader in = new ByteReader(message);
        if (message.length < 5 || in.u8() != 'A' || in.u8() != 'B') {
            throw new DecodeException(0, "a message that begins with AB", "something else");
        }
        int version = in.u8();
        if (version < OLDEST_PROTOCOL || version > PROTOCOL) {
            throw new OtherProtocolException(version);
        }
        int found = in.u8();
        if (found != type) {
            throw new DecodeException(3, "message type " + type, "type " + found);
        }
        long hash = in.fixed64();
        byte[] plain = content(message, in);
        if (hash(plain) != hash) {
            throw new DecodeException(4, "a hash of the content that follows", "one of other content: it was damaged");
        }
        return new ByteReader(plain);
    }

    private static long hash(byte[] content) {
        return Hash128.of(content, new byte[0]).prefix();
    }

    private static byte[] content(byte[] message, ByteReader in) {
        if (in.varint(STORED, DEFLATED, "a compression") == STORED) {
            return in.raw(in.remaining());
        }
        long limit = Math.min(MAX_INFLATED_BYTES, (long) MAX_INFLATE_RATIO * message.length);
        int length = (int) in.varint(0, limit, "an inflated length");
        return inflate(message, in.position(), length);
    }

    private static byte[] deflate(byte[] plain) {
        Deflater deflater = new Deflater(Deflater.DEFAULT_COMPRESSION, true);
        try {
            deflater.setInput(plain);
            deflater.finish();
            byte[] out = new byte[plain.length]; // What does not fit is not worth it.
            int length = deflater.deflate(out);
            return deflater.finished() ? Arrays.copyOf(out, length) : plain;
        } finally {
            deflater.end();
        }
    }

    private static byte[] inflate(byte[] message, int from, int length) {
        Inflater inflater = new Inflater(true);
        try {
            inflater.setInput(message, from, message.length - from);
            byte[] plain = new byte[length];
            int done = 0;
            while (done < length) {
                int n = inflater.inflate(plain, done, length - done);
                if (n == 0) {
                    throw new DecodeException(from, length + " bytes once inflated", "only " + done);
                }
                done += n;
            }
            if (inflater.inflate(new byte[1]) != 0 || !inflater.finished() || inflater.getRemaining() > 0) {
                throw new DecodeException(from, length + " bytes once inflated", "more");
            }
            return plain;
        } catch (DataFormatException e) {
            throw new DecodeException(from, "deflated bytes", "bytes that are not");
        } finally {
            inflater.end();
        }
    }
}
