// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.anabranch.crdt.DeletePolicy;
import io.anabranch.sync.change.Value;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What was done to a row, and why it is as it is. */
class ExplainTest {
    @TempDir
    Path folder;

    private World world;
    private TestReplica a;
    private TestReplica b;
    private Instant start;

    @BeforeEach
    void open() {
        world = new World(folder);
        start = Instant.ofEpochMilli(world.now());
        a = world.replica("a");
        a.sql("CREATE TABLE item(id TEXT PRIMARY KEY, title TEXT DEFAULT 'none', stock INTEGER)");
        a.sql("CREATE TABLE line(bill INTEGER, part TEXT, note, PRIMARY KEY (bill, part))");
        a.sql("INSERT INTO item VALUES ('old', 'Old', 3)");
        a.enrol("item", TableRules.defaults().counter("stock"));
        a.enrol("line", TableRules.defaults().onDelete(DeletePolicy.DELETE_WINS));
        b = world.replica("b");
        a.sql("INSERT INTO item(id, stock) VALUES ('cup', 1)");
        world.settle(a, b);
    }

    @AfterEach
    void close() {
        world.close();
    }

    private static List<Value> key(Object... values) {
        List<Value> key = new ArrayList<>();
        for (Object value : values) {
            key.add(value instanceof Integer number ? Value.of(number) : Value.of((String) value));
        }
        return key;
    }

    private String name(io.anabranch.crdt.causality.Origin origin) {
        return origin.equals(a.file().self()) ? "a" : origin.equals(b.file().self()) ? "b" : "before";
    }

    private List<String> history(TestReplica replica, String table, Object... key) {
        return replica.file().reports().history(table, key(key)).entries().stream()
                .map(entry -> name(entry.origin()) + " " + entry.kind() + " "
                        + entry.cells().stream()
                                .map(cell -> cell.operation() + " " + cell.column() + " " + cell.value())
                                .collect(Collectors.joining(", ")))
                .collect(Collectors.toList());
    }

    // ---- History

    @Test
    void historyListsWhatEachDidToTheRowInOrder() {
        b.sql("UPDATE item SET stock = stock - 3 WHERE id = 'cup'");
        world.settle(a, b);
        a.sql("UPDATE item SET title = 'Mug', stock = stock + 1 WHERE id = 'cup'");
        a.sql("UPDATE item SET title = 'Older' WHERE id = 'old'");
        world.settle(a, b);
        b.sql("DELETE FROM item WHERE id = 'cup'");
        world.settle(a, b);

        assertThat(history(a, "item", "cup"))
                .containsExactly(
                        "a insert add stock 1, set title none",
                        "b edit add stock -3",
                        "a edit add stock 1, set title Mug",
                        "b delete ");
        assertThat(history(b, "item", "cup")).isEqualTo(history(a, "item", "cup"));
        assertThat(a.file().reports().history("item", key("cup")).isComplete()).isTrue();
    }

    @Test
    void aRowThatWasThereBeforeHasNoTimeAndOthersHaveTheWriters() {
        world.pass(60_000);
        b.sql("UPDATE item SET title = 'Older' WHERE id = 'old'");
        world.settle(a, b);

        List<RowHistory.Entry> entries =
                a.file().reports().history("item", key("old")).entries();

        assertThat(entries).hasSize(2);
        assertThat(entries.get(0).time()).isNull();
        assertThat(entries.get(1).time()).isEqualTo(start.plusSeconds(60));
    }

    @Test
    void ofARowThatNeverWasThereIsNoHistory() {
        assertThat(history(a, "item", "ghost")).isEmpty();
    }

    @Test
    void aKeyIsFoundAsTheColumnsTypeWouldHaveIt() {
        a.sql("INSERT INTO line VALUES (7, '1', 'x')");
        a.seal();

        assertThat(history(a, "LINE", "7", 1)).containsExactly("a insert set note x");
        assertThat(history(a, "line", 7, "1")).containsExactly("a insert set note x");
        assertThat(history(a, "line", "seven", "1")).isEmpty();
    }

    @Test
    void aKeyOfTheWrongLengthSaysWhatTheKeyIs() {
        assertThatThrownBy(() -> a.file().reports().history("line", key(7)))
                .isInstanceOf(SyncException.BadKey.class)
                .hasMessageContainingAll("the key of line is (bill, part)", "1 value", "JSON array");
    }

    // ---- Explain

    private Explanation.Column explain(TestReplica replica, String column) {
        Explanation explanation = replica.file().reports().explain("item", key("cup"), column);
        assertThat(explanation.presence()).isEqualTo(Explanation.Presence.SHOWN);
        assertThat(explanation.columns()).hasSize(1);
        return explanation.columns().get(0);
    }

    private List<String> sources(Explanation.Column column) {
        return column.sources().stream()
                .map(source -> name(source.origin()) + ":" + source.seq() + " " + source.value())
                .collect(Collectors.toList());
    }

    @Test
    void aValueThatNobodyContestedNamesItsWriter() {
        world.pass(60_000);
        b.sql("UPDATE item SET title = 'Mug' WHERE id = 'cup'");
        world.settle(a, b);

        Explanation.Column title = explain(a, "title");

        assertThat(title.value()).isEqualTo(Value.of("Mug"));
        assertThat(sources(title)).containsExactly("b:1 Mug");
        assertThat(title.sources().get(0).time()).isEqualTo(start.plusSeconds(60));
        assertThat(title.because()).isEqualTo("no write that did not know of it is remembered");
        assertThat(title.lost()).isEmpty();
    }

    @Test
    void aContestedValueNamesWhatLost() {
        a.sql("UPDATE item SET title = 'Mug' WHERE id = 'cup'");
        a.seal();
        world.pass(60_000);
        b.sql("UPDATE item SET title = 'Glass' WHERE id = 'cup'");
        world.settle(a, b);

        Explanation.Column title = explain(b, "TITLE");

        assertThat(sources(title)).containsExactly("b:1 Glass");
        assertThat(title.because()).isEqualTo("of writes that did not know of each other the later one stays");
        assertThat(title.lost()).hasSize(1);
        assertThat(title.lost().get(0).lost().value()).isEqualTo(Value.of("Mug"));
    }

    @Test
    void aConflictGivesTheTimesThatHistoryGives() {
        a.sql("UPDATE item SET title = 'Mug' WHERE id = 'cup'");
        a.sql("UPDATE _ab_pending SET at = at - 200");
        b.sql("UPDATE item SET title = 'Glass' WHERE id = 'cup'");
        b.sql("UPDATE _ab_pending SET at = at - 100");
        b.sql("UPDATE item SET stock = 9 WHERE id = 'cup'");
        world.settle(a, b);

        Conflict conflict = b.file().reports().conflicts().get(0);

        assertThat(b.file().reports().history("item", key("cup")).entries())
                .extracting(RowHistory.Entry::time)
                .contains(conflict.kept().time(), conflict.lost().time());
    }

    @Test
    void aCounterIsTheSumOfWhatEachCounted() {
        b.sql("UPDATE item SET stock = stock + 5 WHERE id = 'cup'");
        b.seal();
        b.sql("UPDATE item SET stock = stock - 2 WHERE id = 'cup'");
        world.settle(a, b);

        Explanation.Column stock = explain(a, "stock");

        assertThat(stock.rule()).isEqualTo("counter");
        assertThat(stock.value()).isEqualTo(Value.of(4));
        assertThat(sources(stock)).containsExactlyInAnyOrder("a:0 1", "b:0 3");
        assertThat(stock.because()).isEqualTo("all that was counted adds up");
        List<RowHistory.Entry> entries =
                a.file().reports().history("item", key("cup")).entries();
        assertThat(stock.sources())
                .extracting(Explanation.Source::time)
                .containsExactlyInAnyOrder(entries.get(0).time(), entries.get(2).time());
    }

    @Test
    void aRowSaysWhoInsertedAndWhoDeletedIt() {
        assertThat(a.file().reports().explain("item", key("cup"), null).because())
                .isEqualTo("it was inserted by " + a.file().self() + " at " + start);
        assertThat(a.file().reports().explain("item", key("old"), null).because())
                .endsWith("before it was enrolled");
        assertThat(a.file().reports().explain("item", key("old"), null).columns())
                .hasSize(2);

        b.sql("DELETE FROM item WHERE id = 'cup'");
        world.settle(a, b);

        Explanation gone = a.file().reports().explain("item", key("cup"), null);
        assertThat(gone.presence()).isEqualTo(Explanation.Presence.DELETED);
        assertThat(gone.because()).startsWith("it was deleted by " + b.file().self());
        assertThat(gone.columns()).isEmpty();
        assertThat(a.file().reports().explain("item", key("ghost"), null).presence())
                .isEqualTo(Explanation.Presence.UNKNOWN);
    }

    @Test
    void aRowOfADeleteWinsTableThatIsGoneIsKnownFromTheLog() {
        a.sql("INSERT INTO line VALUES (7, 'a', 'x')");
        a.seal();
        a.sql("DELETE FROM line");
        a.seal();

        assertThat(a.file().reports().explain("line", key("7", "a"), null).presence())
                .isEqualTo(Explanation.Presence.DELETED);
    }

    @Test
    void aColumnThatIsNotThereNamesThoseThatAre() {
        assertThatThrownBy(() -> a.file().reports().explain("item", key("cup"), "price"))
                .isInstanceOf(SyncException.NoSuchColumn.class)
                .hasMessageContainingAll("no column 'price'", "title", "stock");
    }

    @Test
    void afterARenameTheNamesAreThoseOfTheApplication() {
        a.sql("ALTER TABLE item RENAME COLUMN title TO label");
        a.sql("ALTER TABLE item RENAME TO thing");
        a.sql("UPDATE thing SET label = 'Mug' WHERE id = 'cup'");
        a.seal();
        world.pass(60_000);
        b.sql("UPDATE item SET title = 'Glass' WHERE id = 'cup'");
        world.settle(a, b);

        assertThat(history(a, "thing", "cup")).contains("a edit set label Mug", "b edit set label Glass");
        Conflict conflict = a.file().reports().conflicts().get(0);
        assertThat(conflict.table() + "." + conflict.column()).isEqualTo("thing.label");
        a.file().resolve(conflict.id(), Resolution.keepOther());
        world.settle(a, b);

        assertThat(b.rows("item")).containsExactly("cup|Mug|1", "old|Old|3");
        assertThat(b.file().reports().conflicts()).isEmpty();
    }
}
