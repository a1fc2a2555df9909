// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.server.space.RelaySpace;
import io.anabranch.server.space.RelaySpaces;
import io.anabranch.server.space.Retention;
import io.anabranch.server.store.RelayStore;
import io.anabranch.server.store.SqliteRelayStore;
import io.anabranch.sync.Divergence;
import io.anabranch.sync.Divergence.State;
import io.anabranch.sync.Replica;
import io.anabranch.sync.TableRules;
import io.anabranch.sync.change.Hash128;
import io.anabranch.sync.jdbc.JdbcDriver;
import io.anabranch.sync.session.Comparison;
import io.anabranch.sync.session.DigestPost;
import io.anabranch.sync.session.SyncOutcome;
import io.anabranch.sync.sql.SqlDatabase;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What replicas say that their rows come to, compared by a relay that reads no rows. */
class DigestsTest {
    @TempDir
    Path folder;

    private final List<Replica> replicas = new ArrayList<>();
    private RelayServer relay;
    private Replica ann;
    private Replica bob;

    @BeforeEach
    void start() {
        relay = RelayServer.start(new ServerOptions("127.0.0.1", 0, folder.resolve("relay.db")));
        ann = replica("ann");
        ann.execute("CREATE TABLE product(id TEXT PRIMARY KEY, title TEXT)");
        ann.enrol("product", TableRules.defaults());
        ann.execute("INSERT INTO product VALUES ('cup', 'Cup'), ('pot', 'Pot')");
        bob = replica("bob");
        settle(ann, bob, ann, bob);
    }

    @AfterEach
    void stop() {
        replicas.forEach(Replica::close);
        relay.close();
    }

    @Test
    void replicasThatHoldTheSameHaveSaidTheSame() throws IOException, InterruptedException {
        Hash128 sum = inRelay(space -> space.heads().sum());

        List<Comparison.Other> posts = inRelay(space -> space.posts(sum));
        assertThat(posts).extracting(Comparison.Other::origin).containsExactlyInAnyOrder(ann.origin(), bob.origin());
        assertThat(posts.get(0).post()).isEqualTo(posts.get(1).post());
        assertThat(metrics())
                .contains("anabranch_digests_differing_total 0.0")
                .containsPattern("anabranch_digests_compared_total [1-9]");
        assertThat(ann.status().divergence()).isNull();
    }

    @Test
    void whoIsWrongHearsItThroughTheRelayAndMakesItsRowsAgain() throws IOException, InterruptedException {
        try (SqlDatabase foreign = new JdbcDriver().open(bob.path(), 5_000)) {
            foreign.execute("UPDATE _ab_digest SET digest = zeroblob(16)");
        }

        settle(bob);

        Divergence found = bob.status().divergence();
        assertThat(found.state()).isEqualTo(State.MENDED);
        assertThat(found.noticedBy()).isEqualTo(relay.url().toString());
        assertThat(found.ranges()).extracting(Divergence.Range::table).containsExactly("product");
        assertThat(bob.digest()).isEqualTo(ann.digest());
        assertThat(metrics()).contains("anabranch_digests_differing_total 1.0");
        settle(ann, bob);
        assertThat(ann.status().divergence()).isNull();
    }

    @Test
    void whoIsRightSaysWhichTablesDifferUntilTheOtherComesRound() {
        Origin other = Origin.of(4, 2);
        Hash128 sum = inRelay(space -> space.heads().sum());
        TreeMap<String, Hash128> tables = new TreeMap<>(Map.of("product", new Hash128(1, 1)));
        says(other, sum, DigestPost.over(tables).with(tables));

        ann.execute("UPDATE product SET title = 'Bowl' WHERE id = 'cup'");
        settle(ann, bob);
        Hash128 now = inRelay(space -> space.heads().sum());
        says(other, now, DigestPost.over(tables).with(tables));
        settle(ann);
        assertThat(ann.status().divergence().state()).isEqualTo(State.ELSEWHERE);
        assertThat(ann.status().divergence().detail()).contains(other.toString());
        settle(ann);
        assertThat(ann.status().divergence().ranges())
                .extracting(Divergence.Range::table)
                .containsExactly("product");

        DigestPost right = inRelay(space -> space.posts(now)).stream()
                .filter(post -> post.origin().equals(ann.origin()))
                .findFirst()
                .orElseThrow()
                .post();
        says(other, now, right);
        ann.execute("UPDATE product SET title = 'Jug' WHERE id = 'cup'");
        settle(ann, bob, bob, ann);
        assertThat(ann.status().divergence().state()).isEqualTo(State.SETTLED);
    }

    /** As a replica does whose rows come to something else. */
    private void says(Origin other, Hash128 sum, DigestPost post) {
        inRelay(space -> {
            space.heardDigest(other, sum, post);
            return true;
        });
    }

    private String metrics() throws IOException, InterruptedException {
        URI uri = relay.url().resolve("/metrics");
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
                .body();
    }

    private Replica replica(String name) {
        Replica replica = Replica.create(folder.resolve(name + ".db"), "shop");
        replicas.add(replica);
        return replica;
    }

    private void settle(Replica... who) {
        for (Replica replica : who) {
            assertThat(replica.sync(relay.url())).isInstanceOf(SyncOutcome.Settled.class);
        }
    }

    private <T> T inRelay(Function<RelaySpace, T> look) {
        try (RelayStore store = SqliteRelayStore.open(new JdbcDriver(), folder.resolve("relay.db"))) {
            return look.apply(new RelaySpaces(store, Retention.DEFAULT).space("shop"));
        }
    }
}
