// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.apply;

import io.anabranch.crdt.causality.HybridTime;
import io.anabranch.crdt.causality.Origin;
import io.anabranch.sync.ClockAhead;
import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.sql.SqlStatement;
import io.anabranch.sync.store.log.Meta;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The origins whose stamps are ahead of the clock here. Each has its latest in {@code _ab_meta}, from the first change set that was
 * until time has caught up with it. Confined to one connection.
 */
public final class ClocksAhead {
    private static final Logger LOG = LoggerFactory.getLogger(ClocksAhead.class);
    private static final String AHEAD = "ahead:";

    private final SqlDatabase db;
    private final Meta meta;
    private final Map<Origin, HybridTime> seen = new TreeMap<>();

    public ClocksAhead(SqlDatabase db, Meta meta) {
        this.db = db;
        this.meta = meta;
    }

    /** Takes note of a stamp, if it is ahead; {@link #keep} writes it down. */
    void see(Origin origin, HybridTime stamp, long nowMillis) {
        if (stamp.isAheadOf(nowMillis)) {
            seen.put(origin, stamp); // An origin's stamps never go back.
        }
    }

    /** Writes down what was seen, and drops what time has caught up with. */
    void keep(long nowMillis) {
        if (seen.isEmpty()) {
            return;
        }
        seen.forEach((origin, stamp) -> {
            LOG.warn(
                    "the clock of origin {} is ahead: it stamped a change set {} minutes in the future",
                    origin,
                    (stamp.millis() - nowMillis) / 60_000);
            meta.put(AHEAD + origin, stamp.bits());
        });
        seen.clear();
        db.prepare("DELETE FROM _ab_meta WHERE name LIKE 'ahead:%' AND value <= ?")
                .bind(1, HybridTime.atMillis(nowMillis).bits())
                .run();
    }

    /** Returns those that are ahead still, this replica's own among them. */
    public List<ClockAhead> all(Origin self, long nowMillis) {
        Map<Origin, HybridTime> stamps = new TreeMap<>();
        SqlStatement query = db.prepare("SELECT name, value FROM _ab_meta WHERE name LIKE 'ahead:%'");
        while (query.step()) {
            String name = String.valueOf(query.getText(0));
            stamps.put(Origin.parse(name.substring(AHEAD.length())), new HybridTime(query.getLong(1)));
        }
        stamps.put(self, new HybridTime(meta.getLong("hlc")));
        List<ClockAhead> ahead = new ArrayList<>();
        stamps.forEach((origin, stamp) -> {
            if (stamp.isAheadOf(nowMillis)) {
                ahead.add(new ClockAhead(
                        origin, Instant.ofEpochMilli(stamp.millis()), Duration.ofMillis(stamp.millis() - nowMillis)));
            }
        });
        return ahead;
    }
}
