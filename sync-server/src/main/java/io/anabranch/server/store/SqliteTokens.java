// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.store;

import io.anabranch.server.access.AccessToken;
import io.anabranch.server.access.Right;
import io.anabranch.server.access.TokenStore;
import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.sql.SqlStatement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The tokens in a relay's file; see {@link RelaySchema}. */
final class SqliteTokens implements TokenStore {
    private static final String COLUMNS = "id, space, rights, name, family, created, revoked, hash";

    private final SqliteRelayStore store;

    SqliteTokens(SqliteRelayStore store) {
        this.store = store;
    }

    @Override
    public boolean hasAny() {
        return store.read(database -> database.queryLong("SELECT EXISTS (SELECT 1 FROM token)") == 1);
    }

    @Override
    public void add(AccessToken token, byte[] secretHash) {
        store.space(token.space());
        store.write(
                database -> database.prepare("INSERT INTO token (" + COLUMNS + ") VALUES (?, ?, ?, ?, ?, ?, NULL, ?)")
                        .bind(1, token.id())
                        .bind(2, token.space())
                        .bind(3, Right.words(token.rights()))
                        .bind(4, token.name())
                        .bind(5, token.family())
                        .bind(6, token.created().toEpochMilli())
                        .bind(7, secretHash)
                        .run());
    }

    @Override
    public @Nullable Entry find(String id) {
        return store.read(database -> find(database, id));
    }

    private static @Nullable Entry find(SqlDatabase database, String id) {
        SqlStatement row = database.prepare("SELECT " + COLUMNS + " FROM token WHERE id = ?");
        row.bind(1, id);
        if (!row.step()) {
            return null;
        }
        Entry entry = new Entry(token(row), Objects.requireNonNull(row.getBlob(7)));
        row.reset();
        return entry;
    }

    @Override
    public List<AccessToken> list() {
        return store.read(database -> {
            SqlStatement rows = database.prepare("SELECT " + COLUMNS + " FROM token ORDER BY space, created, id");
            List<AccessToken> tokens = new ArrayList<>();
            while (rows.step()) {
                tokens.add(token(rows));
            }
            return tokens;
        });
    }

    private static AccessToken token(SqlStatement row) {
        return new AccessToken(
                text(row, 0),
                text(row, 1),
                Right.parse(Arrays.asList(text(row, 2).split(","))),
                text(row, 3),
                text(row, 4),
                Instant.ofEpochMilli(row.getLong(5)),
                row.isNull(6) ? null : Instant.ofEpochMilli(row.getLong(6)));
    }

    private static String text(SqlStatement row, int column) {
        return Objects.requireNonNull(row.getText(column));
    }

    @Override
    public boolean revoke(String id, Instant now) {
        return store.write(database -> {
            Entry entry = find(database, id);
            if (entry == null || entry.token().revoked() != null) {
                return false;
            }
            database.prepare("UPDATE token SET revoked = ? WHERE id = ?")
                    .bind(1, now.toEpochMilli())
                    .bind(2, id)
                    .run();
            return true;
        });
    }
}
