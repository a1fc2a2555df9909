// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.seal;

import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.sql.SqlStatement;
import io.anabranch.sync.store.catalog.Catalog;
import java.util.HashSet;
import java.util.Set;

/** Which tables were sealed on this connection since somebody asked, where somebody does. Confined to one connection. */
public final class SealedTables {
    private final SqlDatabase db;
    private final Catalog catalog;
    private final Set<String> sealed = new HashSet<>();
    private boolean isAskedFor;

    public SealedTables(SqlDatabase db, Catalog catalog) {
        this.db = db;
        this.catalog = catalog;
    }

    /** Says that somebody will ask. Until then nothing is noted, which costs nothing. */
    public void keep() {
        isAskedFor = true;
    }

    /** Notes what is captured, just before it is sealed. */
    public void note() {
        if (isAskedFor) {
            SqlStatement query = db.prepare("SELECT DISTINCT tbl FROM _ab_pending WHERE scratch = 0");
            while (query.step()) {
                sealed.add(catalog.get(query.getLong(0)).label());
            }
        }
    }

    public Set<String> take() {
        Set<String> taken = new HashSet<>(sealed);
        sealed.clear();
        return taken;
    }
}
