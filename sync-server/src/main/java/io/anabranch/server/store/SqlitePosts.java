// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.store;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.codec.ByteReader;
import io.anabranch.crdt.codec.ByteWriter;
import io.anabranch.sync.change.Hash128;
import io.anabranch.sync.session.Comparison;
import io.anabranch.sync.session.DigestPost;
import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.sql.SqlStatement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What the replicas of one space say that their rows come to, the latest word of each; see {@link RelaySchema}. */
final class SqlitePosts {
    private final SqliteRelayStore store;
    private final long space;

    SqlitePosts(SqliteRelayStore store, long space) {
        this.store = store;
        this.space = space;
    }

    void put(Origin origin, Hash128 sum, DigestPost post) {
        ByteWriter out = new ByteWriter(64);
        post.write(out);
        byte[] bytes = out.toByteArray();
        if (store.read(database -> isKnown(database, origin, sum, bytes))) {
            return; // Who comes back says it again, and a look costs less than a flush.
        }
        store.write(database -> {
            // The number tells who said something longest ago.
            database.prepare("DELETE FROM post WHERE space = ? AND origin = ?")
                    .bind(1, space)
                    .bind(2, origin.bytes())
                    .run();
            database.prepare("INSERT INTO post (space, origin, sum, bytes) VALUES (?, ?, ?, ?)")
                    .bind(1, space)
                    .bind(2, origin.bytes())
                    .bind(3, sum.bytes())
                    .bind(4, bytes)
                    .run();
            database.prepare("DELETE FROM post WHERE space = ? AND id <= (SELECT id FROM post WHERE space = ?"
                            + " ORDER BY id DESC LIMIT 1 OFFSET " + SpaceStore.MOST_POSTS + ")")
                    .bind(1, space)
                    .bind(2, space)
                    .run();
            return true;
        });
    }

    private boolean isKnown(SqlDatabase database, Origin origin, Hash128 sum, byte[] bytes) {
        SqlStatement row = database.prepare("SELECT sum, bytes FROM post WHERE space = ? AND origin = ?");
        row.bind(1, space).bind(2, origin.bytes());
        boolean isKnown = row.step()
                && Arrays.equals(SqliteSpace.blob(row, 0), sum.bytes())
                && Arrays.equals(SqliteSpace.blob(row, 1), bytes);
        row.reset();
        return isKnown;
    }

    List<Comparison.Other> at(Hash128 sum) {
        return store.read(database -> {
            SqlStatement rows =
                    database.prepare("SELECT origin, bytes FROM post WHERE space = ? AND sum = ? ORDER BY origin");
            rows.bind(1, space).bind(2, sum.bytes());
            List<Comparison.Other> found = new ArrayList<>();
            while (rows.step()) {
                ByteReader in = new ByteReader(SqliteSpace.blob(rows, 1));
                found.add(new Comparison.Other(Origin.of(SqliteSpace.blob(rows, 0)), DigestPost.read(in)));
            }
            return found;
        });
    }
}
