// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.store;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.sql.SqlStatement;
import org.jspecify.annotations.Nullable;

/** Which family of tokens speaks for which origin of one space; see {@link RelaySchema}. */
final class SqliteClaims {
    private final SqliteRelayStore store;
    private final long space;

    SqliteClaims(SqliteRelayStore store, long space) {
        this.store = store;
        this.space = space;
    }

    /** Costs O(claims of the space) for an origin that is new. */
    @Nullable
    String claim(Origin origin, String family, long most) {
        String known = claimant(origin);
        return known != null
                ? known
                : store.write(database -> {
                    database.prepare("INSERT OR IGNORE INTO claim (space, origin, family)"
                                    + " SELECT ?1, ?2, ?3 WHERE (SELECT count(*) FROM claim WHERE space = ?1) < ?4")
                            .bind(1, space)
                            .bind(2, origin.bytes())
                            .bind(3, family)
                            .bind(4, most)
                            .run();
                    // Another request may have been faster.
                    return read(database, origin);
                });
    }

    @Nullable
    String claimant(Origin origin) {
        return store.read(database -> read(database, origin));
    }

    private @Nullable String read(SqlDatabase database, Origin origin) {
        SqlStatement row = database.prepare("SELECT family FROM claim WHERE space = ? AND origin = ?");
        row.bind(1, space).bind(2, origin.bytes());
        String family = row.step() ? row.getText(0) : null;
        row.reset();
        return family;
    }
}
