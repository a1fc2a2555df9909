// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.http;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.causality.VersionVector;
import io.anabranch.server.space.Space;
import io.anabranch.server.space.Spaces;
import io.anabranch.server.store.Holdings;
import io.anabranch.sync.change.ChangeSetJson;
import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.change.Heads;
import io.anabranch.sync.session.Aside;
import io.anabranch.sync.session.Batch;
import io.javalin.http.Context;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The change sets of a space as JSON, for people with a browser or {@code curl}. Takes nothing, remembers nothing. */
final class ChangeRoutes {
    private static final int DEFAULT_LIMIT = 100;
    private static final int MOST_CHANGE_SETS = 1_000;
    private static final int MOST_BYTES = 1 << 20;
    private static final Pattern VECTOR =
            Pattern.compile("([0-9a-f]{32}:[0-9]{1,18}(,[0-9a-f]{32}:[0-9]{1,18})*)?", Pattern.CASE_INSENSITIVE);

    private final Holdings store;
    private final Spaces spaces;

    ChangeRoutes(Holdings store, Spaces spaces) {
        this.store = store;
        this.spaces = spaces;
    }

    List<Route> routes() {
        return List.of(Route.get("/v1/spaces/{space}/changes", Need.READ, this::changes));
    }

    /** {@code since} is what the reader has seen, as the {@code next} of an earlier answer; without it all is shown. */
    private void changes(Context context, Caller caller) throws IOException {
        String name = SyncRoutes.spaceName(context.pathParam("space"));
        VersionVector since = vector(context.queryParam("since"));
        int limit = limit(context.queryParam("limit"));
        // Looking makes no space.
        Map<String, @Nullable Object> document =
                store.spaceNames().contains(name) ? page(name, since, limit) : empty(name);
        JsonBody.answer(context, 200, document);
    }

    private Map<String, @Nullable Object> page(String name, VersionVector since, int limit) {
        Space space = spaces.space(name);
        Heads heads = space.heads();
        Batch batch = space.missing(since, MOST_BYTES);
        List<EncodedChangeSet> shown =
                batch.changeSets().subList(0, Math.min(limit, batch.changeSets().size()));
        Map<String, @Nullable Object> document = document(name, heads);
        Aside.Offer snapshot = space.offer(since);
        if (snapshot != null) {
            document.put("snapshot", snapshot(snapshot));
        }
        document.put("changeSets", shown.stream().map(ChangeSetJson::of).collect(Collectors.toList()));
        VersionVector seen =
                (snapshot == null ? since : since.union(snapshot.vector())).union(SyncRoutes.vectorOf(shown));
        document.put("next", text(seen));
        document.put("more", !seen.dominates(heads.vector()));
        return document;
    }

    private static Map<String, @Nullable Object> empty(String name) {
        Map<String, @Nullable Object> document = document(name, Heads.NONE);
        document.put("changeSets", List.of());
        document.put("next", "");
        document.put("more", false);
        return document;
    }

    private static Map<String, @Nullable Object> document(String name, Heads heads) {
        Map<String, @Nullable Object> document = new LinkedHashMap<>();
        document.put("space", name);
        document.put("sum", heads.sum().toString());
        Map<String, Object> all = new LinkedHashMap<>();
        heads.entries().forEach((origin, head) -> all.put(origin.toString(), head.seq()));
        document.put("heads", all);
        return document;
    }

    private static Map<String, Object> snapshot(Aside.Offer offer) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("hash", offer.id().hash().toString());
        document.put("bytes", offer.id().sizeBytes());
        document.put("covers", text(offer.vector()));
        return document;
    }

    private static String text(VersionVector vector) {
        List<String> entries = new ArrayList<>();
        vector.entries().forEach((origin, seq) -> entries.add(origin + ":" + seq));
        return String.join(",", entries);
    }

    private static VersionVector vector(@Nullable String text) {
        if (text == null || text.isEmpty()) {
            return VersionVector.EMPTY;
        }
        if (!VECTOR.matcher(text).matches()) {
            throw malformed("'since' is not like the 'next' of an answer, origin:seq,origin:seq");
        }
        TreeMap<Origin, Long> seqs = new TreeMap<>();
        for (String entry : text.split(",", -1)) {
            if (seqs.put(Origin.parse(entry.substring(0, 32)), Long.parseLong(entry.substring(33))) != null) {
                throw malformed("'since' names an origin twice");
            }
        }
        seqs.values().removeIf(seq -> seq == 0);
        return VersionVector.of(seqs);
    }

    private static int limit(@Nullable String text) {
        if (text == null) {
            return DEFAULT_LIMIT;
        }
        if (!text.matches("[0-9]{1,4}") || Integer.parseInt(text) < 1 || Integer.parseInt(text) > MOST_CHANGE_SETS) {
            throw malformed("'limit' is not a number from 1 to " + MOST_CHANGE_SETS);
        }
        return Integer.parseInt(text);
    }

    private static Problem malformed(String why) {
        return new Problem(400, "malformed", "Not a way to look", "nothing is shown: " + why + ". Correct it");
    }
}
