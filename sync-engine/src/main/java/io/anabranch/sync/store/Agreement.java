// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.sync.Divergence;
import io.anabranch.sync.SyncException;
import io.anabranch.sync.Verification;
import io.anabranch.sync.change.Hash128;
import io.anabranch.sync.session.Comparison;
import io.anabranch.sync.session.DigestPost;
import io.anabranch.sync.store.history.KeyJson;
import io.anabranch.sync.store.schema.Key;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sees to it that this file's rows are what those of others are that hold the same change sets: says its digest, hears how it compares,
 * and looks through its own rows. Where there is reason for doubt it works all of them out from its own history, which heads
 * that are equal show to be the others' too. If the rows are something else, this file is the one that is wrong, and makes them again.
 * Thread-safe.
 */
public final class Agreement {
    private static final Logger LOG = LoggerFactory.getLogger(Agreement.class);
    private static final String META = "divergence";
    /** Looked at together, in some tens of milliseconds. */
    private static final int SLICE_ROWS = 2_048;
    /** Looking takes one hundredth of the time at most. */
    private static final int REST_RATIO = 100;

    private static final long SHORTEST_REST_MILLIS = 1_000;
    private static final int MOST_RANGES = 64;

    private final Components parts;
    private final Transactions transactions;
    private final Mending mending;
    private final Reports reports;
    private final Scrub scrub;

    /** What each peer was told last. Guarded by {@link #transactions}, as are the fields that follow. */
    private final Map<String, Told> told = new HashMap<>();

    private @Nullable Doubt doubt;
    /** Whether somebody differs and this file is sound, so that it helps to say which tables. */
    private boolean namesTables;

    private final Rest scrubbing = new Rest();
    private final Rest checking = new Rest();

    /** When something may be done again that takes time. */
    private final class Rest {
        private long began = Long.MIN_VALUE;
        private long until = Long.MIN_VALUE;

        /** Begins, unless it is too early. A clock that was set back counts for nothing. */
        boolean begin() {
            long now = parts.nowMillis();
            if (now >= began && now < until) {
                return false;
            }
            began = now;
            return true;
        }

        void end() {
            long now = parts.nowMillis();
            until = now + Math.max(SHORTEST_REST_MILLIS, REST_RATIO * (now - began));
        }
    }

    private record Told(Hash128 sum, DigestPost post) {}

    /**
     * Why something may be wrong.
     *
     * @param by who noticed; null for this file itself
     * @param tables that differ, as far as both sides named theirs
     */
    private record Doubt(@Nullable String by, List<String> tables, String reason) {}

    Agreement(Components parts, Transactions transactions, Mending mending, Reports reports) {
        this.parts = parts;
        this.transactions = transactions;
        this.mending = mending;
        this.reports = reports;
        this.scrub = new Scrub(parts);
    }

    // ---- Comparing

    /**
     * Returns what to say to a peer of the rows here, where the heads have this sum; null if it was told that already, or this file
     * cannot say.
     */
    public @Nullable DigestPost toTell(String url, Hash128 sum) {
        synchronized (transactions) {
            DigestPost post = post(sum);
            return post == null || new Told(sum, post).equals(told.get(url)) ? null : post;
        }
    }

    /** Hears that a peer was told, and how that compares; null if it cannot say. */
    public void heard(String url, Hash128 sum, DigestPost post, @Nullable Comparison comparison) {
        synchronized (transactions) {
            told.put(url, new Told(sum, post));
            if (comparison != null) {
                judge(url, post, comparison);
            }
        }
    }

    /** Hears of a peer that asked what its rows come to. */
    void heard(Origin peer, Hash128 sum, DigestPost theirs) {
        synchronized (transactions) {
            DigestPost own = post(sum);
            if (own != null) {
                judge(
                        "replica " + peer,
                        own,
                        Comparison.of(parts.self(), own, List.of(new Comparison.Other(peer, theirs))));
                tend();
            }
        }
    }

    /** Returns how a peer's digest compares with that of this file; null if this file holds something else. */
    @Nullable
    Comparison compare(Origin peer, Hash128 sum, DigestPost theirs) {
        synchronized (transactions) {
            DigestPost own = post(sum);
            return own == null ? null : Comparison.of(peer, theirs, List.of(new Comparison.Other(parts.self(), own)));
        }
    }

    /**
     * Returns what the rows here come to; null unless the heads have this sum. Nor where something in the log is not understood: who
     * understands it has other rows, rightly.
     */
    private @Nullable DigestPost post(Hash128 sum) {
        return transactions.read(() -> {
            if (!sum.equals(parts.origins.sum())
                    || parts.db.queryLong("SELECT EXISTS (SELECT 1 FROM _ab_log WHERE held = 1)") == 1) {
                return null;
            }
            SortedMap<String, Hash128> tables = reports.digests();
            DigestPost post = DigestPost.over(tables);
            return namesTables ? post.with(tables) : post;
        });
    }

    private void judge(String by, DigestPost own, Comparison comparison) {
        if (comparison.differing().isEmpty()) {
            if (comparison.agreeing() > 0) {
                namesTables = false;
                settle();
            }
            return;
        }
        TreeSet<String> tables = new TreeSet<>();
        TreeSet<String> others = new TreeSet<>();
        for (Comparison.Other other : comparison.differing()) {
            others.add(other.origin().toString());
            if (!own.tables().isEmpty() && !other.post().tables().isEmpty()) {
                tables.addAll(own.tables().keySet());
                tables.addAll(other.post().tables().keySet());
                tables.removeIf(table -> own.tables()
                        .getOrDefault(table, Hash128.ZERO)
                        .equals(other.post().tables().getOrDefault(table, Hash128.ZERO)));
            }
        }
        doubt = new Doubt(
                by,
                List.copyOf(tables),
                "rows are not those of " + String.join(", ", others) + ", which holds the same change sets");
    }

    // ---- Looking, and mending

    /**
     * Looks at some of the rows here now and then, and follows up what gave reason for doubt. Costs O(log + rows) if something did, a
     * hundredth of the time else.
     *
     * @return whether rows were made again, so that there may be something to say
     */
    public boolean tend() {
        synchronized (transactions) {
            look();
            Doubt why = doubt;
            doubt = null;
            return why != null && follow(why);
        }
    }

    private void look() {
        if (doubt != null || !scrubbing.begin()) {
            return;
        }
        try {
            String found = transactions.read(() -> scrub.slice(SLICE_ROWS));
            doubt = found == null ? null : new Doubt(null, List.of(), found);
        } catch (SyncException e) {
            LOG.debug("the rows of {} cannot be looked through now", parts.path, e);
        }
        scrubbing.end();
    }

    private boolean follow(Doubt why) {
        if (!checking.begin()) {
            Divergence before = last();
            if (why.by != null && before != null && before.state() == Divergence.State.ELSEWHERE) {
                noteElsewhere(why); // This file was found sound just now: only what is known of the others is new.
            } else {
                doubt = why;
            }
            return false;
        }
        Verification first = reports.verify();
        Divergence mended = first.isSound() ? null : mend(why);
        checking.end();
        if (mended == null) {
            noteElsewhere(why);
        } else {
            note(mended);
        }
        return mended != null && mended.state() == Divergence.State.MENDED;
    }

    /** Makes the rows again; null if by now there is nothing wrong with them. */
    private @Nullable Divergence mend(Doubt why) {
        List<Verification.Problem> problems = new ArrayList<>();
        try {
            transactions.write(() -> {
                parts.seal(); // A table that was altered meanwhile is no damage.
                Verification found = reports.verify();
                problems.addAll(found.problems());
                if (!found.isSound()) {
                    mending.repairInside();
                }
            });
        } catch (SyncException.BadFile e) {
            return divergence(why, Divergence.State.DAMAGED, ranges(problems), String.valueOf(e.getMessage()));
        }
        if (problems.isEmpty()) {
            return null;
        }
        return divergence(
                why, Divergence.State.MENDED, ranges(problems), problems.get(0).message());
    }

    private static List<Divergence.Range> ranges(List<Verification.Problem> problems) {
        TreeMap<String, List<Verification.Problem>> byTable = new TreeMap<>();
        for (Verification.Problem problem : problems) {
            if (problem.table() != null) {
                byTable.computeIfAbsent(problem.table(), each -> new ArrayList<>())
                        .add(problem);
            }
        }
        List<Divergence.Range> ranges = new ArrayList<>();
        byTable.forEach((table, found) -> {
            TreeSet<Key> keys = new TreeSet<>();
            found.stream()
                    .filter(problem -> !problem.key().isEmpty())
                    .forEach(problem -> keys.add(Key.of(problem.key())));
            ranges.add(
                    keys.isEmpty()
                            ? new Divergence.Range(table, found.size(), null, null)
                            : new Divergence.Range(
                                    table, found.size(), KeyJson.of(keys.first()), KeyJson.of(keys.last())));
        });
        return ranges.subList(0, Math.min(MOST_RANGES, ranges.size()));
    }

    // ---- Remembering

    /** Returns the last divergence; null if there never was one. */
    public @Nullable Divergence last() {
        return transactions.read(() -> {
            byte[] bytes = parts.meta.getBlob(META);
            return bytes == null ? null : DivergenceCodec.decode(bytes);
        });
    }

    private void noteElsewhere(Doubt why) {
        if (why.by == null) {
            return; // It was looked at, and is as it must be.
        }
        namesTables = true;
        Divergence before = last();
        List<Divergence.Range> ranges = new ArrayList<>();
        why.tables.forEach(table -> ranges.add(new Divergence.Range(table, 0, null, null)));
        if (before == null
                || before.state() != Divergence.State.ELSEWHERE
                || !before.ranges().equals(ranges)
                || !before.detail().equals(why.reason)) {
            note(divergence(why, Divergence.State.ELSEWHERE, ranges, why.reason));
        }
    }

    private void settle() {
        Divergence open = last();
        if (open != null && open.state() == Divergence.State.ELSEWHERE) {
            note(new Divergence(
                    open.found(), open.noticedBy(), Divergence.State.SETTLED, open.ranges(), open.detail()));
        }
    }

    private Divergence divergence(Doubt why, Divergence.State state, List<Divergence.Range> ranges, String detail) {
        return new Divergence(Instant.ofEpochMilli(parts.nowMillis()), why.by, state, ranges, detail);
    }

    private void note(Divergence divergence) {
        LOG.warn(
                "divergence file={} state={} noticed-by={} tables={}",
                parts.path.getFileName(),
                divergence.state(),
                divergence.noticedBy() == null ? "itself" : divergence.noticedBy(),
                divergence.ranges().stream().map(Divergence.Range::table).collect(Collectors.toList()));
        transactions.write(() -> parts.meta.put(META, DivergenceCodec.encode(divergence)));
    }
}
