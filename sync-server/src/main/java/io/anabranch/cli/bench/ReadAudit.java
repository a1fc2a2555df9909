// SPDX-License-Identifier: Apache-2.0
package io.anabranch.cli.bench;

import io.anabranch.crdt.causality.Dot;
import io.anabranch.crdt.causality.VersionVector;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Judges reads by what was written before them. Writes are numbered in the order in which they happened and write their number,
 * so a read says which write it shows. It <em>lacks</em> an earlier write of the same key if it shows an older one, unless the
 * replica held both, made apart, and the rule of the column chose the older: that is a conflict, not a late read.
 *
 * <p>Pure. Confined to one thread.
 */
public final class ReadAudit {
    /** By number; the number 0 stands for what was there at first, which every write replaces. */
    private final Map<Long, Write> writes = new HashMap<>();

    private final Map<String, Write> latest = new HashMap<>();
    /** By client and key: the last that it wrote, and the latest that it has seen. */
    private final Map<Place, Write> written = new HashMap<>();

    private final Map<Place, Write> seen = new HashMap<>();

    private long conflicts;
    private long reads;
    private long stale;
    private long ownLacking;
    private long goneBack;

    /**
     * Takes note of a write that is done.
     *
     * @param number larger than those of all writes before
     * @param before what its replica held just before it
     */
    public void wrote(int client, String key, long number, Dot dot, VersionVector before) {
        Write write = new Write(number, dot, before);
        writes.put(number, write);
        Write last = latest.put(key, write);
        conflicts += last == null || before.contains(last.dot) ? 0 : 1;
        written.put(new Place(client, key), write);
    }

    /**
     * Takes note of a read that shows a write.
     *
     * @param number of the write that it shows
     * @param held what its replica held just before it
     */
    public void read(int client, String key, long number, VersionVector held) {
        Place place = new Place(client, key);
        Write shown = writes.get(number);
        reads++;
        stale += lacks(latest.get(key), shown, held) ? 1 : 0;
        ownLacking += lacks(written.get(place), shown, held) ? 1 : 0;
        if (lacks(seen.get(place), shown, held)) {
            goneBack++;
        } else if (shown != null) {
            seen.put(place, shown);
        }
    }

    private static boolean lacks(@Nullable Write wanted, @Nullable Write shown, VersionVector held) {
        if (wanted == null || shown != null && shown.number >= wanted.number) {
            return false;
        }
        boolean madeApart = shown != null && !wanted.before.contains(shown.dot);
        return !(madeApart && held.contains(wanted.dot));
    }

    /** Returns how many writes did not know of the write of the same key before them: one of the two loses. */
    public long conflicts() {
        return conflicts;
    }

    /** Returns the share of reads that lack a write, of anybody, that was done before. */
    public double staleReadRate() {
        return rate(stale);
    }

    /** Returns the share of reads that lack a write of the same client. */
    public double readYourWritesViolationRate() {
        return rate(ownLacking);
    }

    /** Returns the share of reads that lack what the same client had read before. */
    public double monotonicViolationRate() {
        return rate(goneBack);
    }

    private double rate(long count) {
        return reads == 0 ? 0 : (double) count / reads;
    }

    private record Place(int client, String key) {}

    private record Write(long number, Dot dot, VersionVector before) {}
}
