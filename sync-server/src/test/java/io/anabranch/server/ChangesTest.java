// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.anabranch.server.RelayClient.Answer;
import io.anabranch.sync.Replica;
import io.anabranch.sync.TableRules;
import io.anabranch.sync.change.ChangeSets;
import io.anabranch.sync.change.EncodedChangeSet;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Change sets as JSON, as {@code curl} shows them. */
class ChangesTest {
    @TempDir
    Path folder;

    private final ChangeSets ann = ChangeSets.of(1);
    private final ChangeSets bob = ChangeSets.of(2);
    private RelayServer relay;
    private RelayClient client;

    @BeforeEach
    void start() {
        relay = RelayServer.start(new ServerOptions("127.0.0.1", 0, folder.resolve("relay.db")));
        client = new RelayClient(relay.url());
    }

    @AfterEach
    void stop() {
        relay.close();
    }

    @Test
    void whatAReplicaWroteIsThereToRead() {
        try (Replica replica = Replica.create(folder.resolve("shop.db"), "shop")) {
            replica.execute(
                    "CREATE TABLE product(id TEXT PRIMARY KEY, title TEXT, price REAL, stock INTEGER, tags TEXT)");
            replica.enrol("product", TableRules.defaults().counter("stock").set("tags"));
            replica.execute("INSERT INTO product VALUES ('cup', 'Cup', 2.0, 9, '[\"new\"]')");
            replica.execute("UPDATE product SET stock = stock - 1, title = NULL");
            replica.execute("DELETE FROM product");
            replica.sync(relay.url());
        }

        JsonNode changes = get("/v1/spaces/shop/changes").json();
        assertThat(changes.get("space").asText()).isEqualTo("shop");
        assertThat(changes.get("more").asBoolean()).isFalse();
        JsonNode sets = changes.get("changeSets");
        JsonNode declare = sets.get(0).get("operations").get(0);
        assertThat(declare.get("kind").asText()).isEqualTo("declare");
        assertThat(declare.get("columns").get(3).toString())
                .isEqualTo("{\"name\":\"stock\",\"type\":\"INTEGER\",\"rule\":\"counter\"}");
        JsonNode insert = operation(sets, 1);
        assertThat(insert.get("kind").asText()).isEqualTo("insert");
        assertThat(insert.get("key").toString()).isEqualTo("[\"cup\"]");
        assertThat(insert.at("/cells/title/put").asText()).isEqualTo("Cup");
        assertThat(insert.at("/cells/price/put").toString()).isEqualTo("2.0");
        assertThat(insert.at("/cells/stock/add").asInt()).isEqualTo(9);
        assertThat(insert.at("/cells/tags/add").toString()).isEqualTo("[\"\\\"new\\\"\"]");
        JsonNode edit = operation(sets, 2);
        assertThat(edit.at("/cells/stock/add").asInt()).isEqualTo(-1);
        assertThat(edit.at("/cells/title/put").isNull()).isTrue();
        assertThat(edit.at("/cells/title/replaces").asText()).endsWith(":1");
        assertThat(operation(sets, 3).get("removes").size()).isEqualTo(1);
        assertThat(sets.get(3).get("time").asText()).startsWith("20");
    }

    private static JsonNode operation(JsonNode sets, int index) {
        return sets.get(index).get("operations").get(0);
    }

    @Test
    void theNextPageBeginsWhereTheLastOneEnded() {
        EncodedChangeSet a1 = ann.write("a1");
        EncodedChangeSet b1 = bob.write("b1", a1);
        EncodedChangeSet a2 = ann.write("a2", b1);
        client.sync("shop", null, ann.origin(), a1, b1, a2);

        JsonNode first = get("/v1/spaces/shop/changes?limit=2").json();
        assertThat(first.get("changeSets")).hasSize(2);
        assertThat(first.get("more").asBoolean()).isTrue();
        assertThat(first.get("next").asText()).isEqualTo(ann.origin() + ":1," + bob.origin() + ":1");
        JsonNode second = get("/v1/spaces/shop/changes?limit=2&since="
                        + first.get("next").asText())
                .json();
        assertThat(second.get("changeSets")).hasSize(1);
        assertThat(second.at("/changeSets/0/hash").asText()).isEqualTo(a2.hash().toString());
        assertThat(second.at("/changeSets/0/seen").toString()).isEqualTo("{\"" + bob.origin() + "\":1}");
        assertThat(second.get("more").asBoolean()).isFalse();
    }

    @Test
    void aChangeSetInPartsIsNamedAndNotUnpacked() {
        ChangeSets.InParts large = ann.writeInParts("large", 3);
        try (io.anabranch.server.store.SqliteRelayStore store = io.anabranch.server.store.SqliteRelayStore.open(
                new io.anabranch.sync.jdbc.JdbcDriver(), folder.resolve("relay.db"))) {
            store.space("shop").put(List.of(large.changeSet()), large.parts());
        }

        JsonNode set = get("/v1/spaces/shop/changes").json().at("/changeSets/0");
        assertThat(set.get("parts").asInt()).isEqualTo(3);
        assertThat(set.has("operations")).isFalse();
    }

    @Test
    void lookingMakesNoSpace() {
        assertThat(get("/v1/spaces/nowhere/changes").json().get("changeSets")).isEmpty();
        assertThat(get("/metrics").text()).contains("anabranch_spaces 0.0");
    }

    @Test
    void doubtfulQuestionsAreRefused() {
        for (String query : List.of(
                "since=x",
                "since=" + ann.origin(),
                "since=" + ann.origin() + ":-1",
                "since=" + ann.origin() + ":99999999999999999999",
                "since=" + ann.origin() + ":1," + ann.origin() + ":2",
                "limit=0",
                "limit=1001",
                "limit=ten")) {
            Answer answer = get("/v1/spaces/shop/changes?" + query);
            assertThat(answer.status()).as(query).isEqualTo(400);
            assertThat(answer.code()).isEqualTo("malformed");
        }
        assertThat(get("/v1/spaces/shop/changes?limit=1000&since=" + ann.origin() + ":0")
                        .status())
                .isEqualTo(200);
    }

    private Answer get(String path) {
        return client.send("GET", path, null, "text/plain", new byte[0]);
    }
}
