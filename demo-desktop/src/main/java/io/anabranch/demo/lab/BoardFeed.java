// SPDX-License-Identifier: Apache-2.0
package io.anabranch.demo.lab;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.sync.RowChange;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What changed on a board since somebody looked: collects the engine's events, and reads each row once, however often it
 * changed. Thread-safe.
 */
public final class BoardFeed {
    private final LabReplica replica;
    private final Map<String, Touch> touched = new LinkedHashMap<>();
    private boolean isWhole = true;

    BoardFeed(LabReplica replica) {
        this.replica = replica;
    }

    private static final class Touch {
        private final Set<String> columns = new HashSet<>();
        private @Nullable Origin by;
    }

    /**
     * What to do to a board that shows what it showed.
     *
     * @param isWhole whether these items are all there are
     * @param items that are new or changed
     * @param removed ids of items that are gone
     * @param flashes for each id, who wrote which columns
     */
    public record Update(boolean isWhole, List<Item> items, List<String> removed, List<Flash> flashes) {}

    /** Cells of one row that somebody wrote. */
    public record Flash(String id, Set<String> columns, Origin by) {}

    synchronized void changed(RowChange change) {
        if (!change.table().equals(Shop.TABLE) || change.key().isEmpty()) {
            return;
        }
        Touch touch = touched.computeIfAbsent(change.key().get(0).toString(), id -> new Touch());
        touch.columns.addAll(change.columns());
        for (Origin origin : change.origins()) {
            touch.by = origin;
        }
    }

    /** Lets the next look read a row of which nothing was told: it shows the same, and has other values beside it. */
    synchronized void touch(String id) {
        touched.computeIfAbsent(id, key -> new Touch());
    }

    /** Lets the next look read everything. */
    synchronized void forget() {
        isWhole = true;
        touched.clear();
    }

    private synchronized Map<String, Touch> take() {
        Map<String, Touch> taken = new LinkedHashMap<>(touched);
        touched.clear();
        return taken;
    }

    private synchronized boolean takeWhole() {
        boolean whole = isWhole;
        isWhole = false;
        return whole;
    }

    /** Returns what changed; null if nothing did. */
    @Nullable
    Update look() {
        if (!replica.isUp()) {
            return null;
        }
        if (takeWhole()) {
            take();
            return new Update(true, replica.use(Items::all), List.of(), List.of());
        }
        Map<String, Touch> taken = take();
        if (taken.isEmpty()) {
            return null;
        }
        List<Item> items = replica.use(process -> Items.find(process, taken.keySet()));
        Set<String> gone = new HashSet<>(taken.keySet());
        items.forEach(item -> gone.remove(item.id()));
        List<Flash> flashes = new ArrayList<>();
        taken.forEach((id, touch) -> {
            if (touch.by != null && !gone.contains(id)) {
                flashes.add(new Flash(id, Set.copyOf(touch.columns), touch.by));
            }
        });
        return new Update(false, items, new ArrayList<>(gone), flashes);
    }
}
