// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.anabranch.server.store.SqliteRelayStore;
import io.anabranch.sync.jdbc.JdbcDriver;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokensTest {
    private static final Instant NOON = Instant.parse("2026-11-21T12:00:00Z");

    @TempDir
    Path folder;

    private SqliteRelayStore store;
    private Tokens tokens;

    @BeforeEach
    void open() {
        store = SqliteRelayStore.open(new JdbcDriver(), folder.resolve("relay.db"));
        tokens = new Tokens(store.tokens(), Clock.fixed(NOON, ZoneOffset.UTC));
    }

    @AfterEach
    void close() {
        store.close();
    }

    @Test
    void aTokenIsKnownByItsTextAndListedWithoutIt() {
        Tokens.Created created = tokens.create("shop", Set.of(Right.READ, Right.WRITE), "till 1");

        AccessToken token = tokens.authenticate(created.text());
        assertThat(token).isEqualTo(created.token());
        assertThat(token.space()).isEqualTo("shop");
        assertThat(token.rights()).containsExactly(Right.READ, Right.WRITE);
        assertThat(token.name()).isEqualTo("till 1");
        assertThat(token.created()).isEqualTo(NOON);
        assertThat(tokens.list()).containsExactly(token);
        assertThat(tokens.list().toString()).doesNotContain(secretOf(created));
    }

    @Test
    void theFileHoldsNoSecret() throws IOException {
        Tokens.Created created = tokens.create("shop", Set.of(Right.READ), "");
        store.close();

        for (Path file : List.of(folder.resolve("relay.db"), folder.resolve("relay.db-wal"))) {
            if (Files.exists(file)) {
                String bytes = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
                assertThat(bytes).doesNotContain(secretOf(created));
            }
        }
    }

    @Test
    void anotherSecretUnderTheSameIdIsNoToken() {
        String one = tokens.create("shop", Set.of(Right.READ), "").text();
        String two = tokens.create("shop", Set.of(Right.READ), "").text();
        int secretAt = one.length() - 43;

        assertThat(tokens.authenticate(one.substring(0, secretAt) + two.substring(secretAt)))
                .isNull();
        for (String text : List.of("", "x", one + "A", one.substring(1), " " + one, one.toUpperCase())) {
            assertThat(tokens.authenticate(text)).as(text).isNull();
        }
        assertThat(one.charAt(secretAt - 1)).isEqualTo('_');
    }

    @Test
    void aRevokedTokenIsNoneForAllWhoShareTheStore() {
        Tokens.Created created = tokens.create("shop", Set.of(Right.READ), "");
        String id = created.token().id();
        try (SqliteRelayStore elsewhere = SqliteRelayStore.open(new JdbcDriver(), folder.resolve("relay.db"))) {
            assertThat(new Tokens(elsewhere.tokens(), Clock.systemUTC()).revoke(id))
                    .isTrue();
        }

        assertThat(tokens.authenticate(created.text())).isNull();
        assertThat(tokens.find(id).revoked()).isNotNull();
        assertThat(tokens.revoke(id)).isFalse();
        assertThat(tokens.revoke("0000000000000000")).isFalse();
        assertThat(tokens.hasAny()).isTrue(); // An end of tokens is not an open door.
    }

    @Test
    void aRenewedTokenIsOfTheSameFamilyAndBothAreGood() {
        Tokens.Created first = tokens.create("shop", Set.of(Right.READ), "");
        Tokens.Created second = tokens.renew(first.token().id(), "shop", Set.of(Right.WRITE), "");
        Tokens.Created third = tokens.renew(second.token().id(), "shop", Set.of(Right.WRITE), "");

        assertThat(first.token().family()).isEqualTo(first.token().id());
        assertThat(third.token().family()).isEqualTo(first.token().id());
        assertThat(tokens.authenticate(first.text())).isNotNull();
        assertThat(tokens.renew(first.token().id(), "office", Set.of(Right.WRITE), ""))
                .isNull();
    }

    @Test
    void whatCannotBeIsRefusedBeforeAnythingIsKept() {
        assertThatThrownBy(() -> tokens.create("..", Set.of(Right.READ), ""))
                .hasMessageContaining("cannot name a space");
        assertThatThrownBy(() -> tokens.create("shop", Set.of(Right.READ), "x".repeat(101)))
                .hasMessageContaining("at most 100");
        tokens.create("office", Set.of(Right.READ), "x".repeat(100));
        assertThatThrownBy(() -> Right.parse(List.of("read", "root"))).hasMessageContaining("unknown right 'root'");
        assertThatThrownBy(() -> Right.parse(List.of())).hasMessageContaining("no rights");
        assertThat(tokens.list()).hasSize(1);
    }

    private static String secretOf(Tokens.Created created) {
        return created.text().substring(27);
    }
}
