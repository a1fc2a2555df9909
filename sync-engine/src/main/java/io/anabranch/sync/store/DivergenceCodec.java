// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store;

import io.anabranch.crdt.codec.ByteReader;
import io.anabranch.crdt.codec.ByteWriter;
import io.anabranch.sync.Divergence;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A divergence as it is remembered in {@code _ab_meta}. */
final class DivergenceCodec {
    private static final long MAX_TEXT_BYTES = 1 << 20;

    private DivergenceCodec() {}

    static byte[] encode(Divergence divergence) {
        ByteWriter out = new ByteWriter(256);
        out.varint(divergence.found().toEpochMilli());
        text(divergence.noticedBy(), out);
        out.u8(divergence.state().ordinal());
        out.text(divergence.detail());
        out.varint(divergence.ranges().size());
        for (Divergence.Range range : divergence.ranges()) {
            out.text(range.table()).varint(range.problems());
            text(range.firstKey(), out);
            text(range.lastKey(), out);
        }
        return out.toByteArray();
    }

    private static void text(@Nullable String text, ByteWriter out) {
        out.text(text == null ? "" : text);
    }

    static Divergence decode(byte[] bytes) {
        ByteReader in = new ByteReader(bytes);
        Instant found = Instant.ofEpochMilli(in.varint(0, Long.MAX_VALUE, "a time"));
        String noticedBy = text(in);
        Divergence.State[] states = Divergence.State.values();
        Divergence.State state = states[(int) in.varint(0, states.length - 1, "a state")];
        String detail = in.text(MAX_TEXT_BYTES, "a detail");
        List<Divergence.Range> ranges = new ArrayList<>();
        for (int n = in.count(4, "ranges"); n > 0; n--) {
            String table = in.text(MAX_TEXT_BYTES, "a table");
            long problems = in.varint(0, Long.MAX_VALUE, "a count");
            ranges.add(new Divergence.Range(table, problems, text(in), text(in)));
        }
        in.end();
        return new Divergence(found, noticedBy, state, ranges, detail);
    }

    private static @Nullable String text(ByteReader in) {
        String text = in.text(MAX_TEXT_BYTES, "a text");
        return text.isEmpty() ? null : text;
    }
}
