// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.change;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.crdt.CellKind;
import io.anabranch.crdt.CellOp;
import io.anabranch.crdt.DeletePolicy;
import io.anabranch.crdt.RowOp;
import io.anabranch.crdt.causality.HybridTime;
import io.anabranch.crdt.causality.Origin;
import io.anabranch.sync.change.TableDefinition.Column;
import io.anabranch.sync.change.TableDefinition.ForeignKey;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * Every kind of operation, cell and rule that the code knows is in a golden change set and on the protocol's page. The first
 * two are written and read by {@code GoldenBytesTest}, rules here.
 */
class GoldenKindsTest {
    private static final List<String> GOLDEN = List.of("change-set", "cells", "rules");

    @Test
    void aDeclarationWithEveryRuleHasTheseBytesForEver() throws IOException {
        EncodedChangeSet changeSet = ChangeSetCodec.encode(
                new ChangeSetHeader(
                        Origin.parse("a0000000000000000000000000000001"),
                        1,
                        Hash128.ZERO,
                        HybridTime.of(1_800_000_000_000L, 1).bits(),
                        List.of()),
                List.of(new TableOp.Declare(everyRule())));

        assertThat(Hex.of(changeSet.bytes())).isEqualTo(Hex.of(bytes("rules")));
        assertThat(ChangeSetCodec.ops(EncodedChangeSet.of(bytes("rules"))))
                .containsExactly(new TableOp.Declare(everyRule()));
    }

    private static TableDefinition everyRule() {
        List<Rule> rules = List.of(
                Rule.LWW,
                Rule.LWW.inGroup("payment"),
                Rule.COUNTER,
                Rule.GCOUNTER,
                Rule.bounded(-7),
                Rule.MAX,
                Rule.MIN,
                Rule.MV,
                Rule.SET,
                Rule.custom("cart", 3),
                Rule.LIST,
                Rule.RENAME,
                Rule.rename("polite", 2));
        List<Column> columns = new ArrayList<>();
        columns.add(new Column("id", "INTEGER", true, 1, Value.NULL, "", "BINARY", Rule.RANGES));
        for (Rule rule : rules) {
            columns.add(new Column("c" + columns.size(), "", false, 0, Value.NULL, "", "BINARY", rule));
        }
        List<ForeignKey> keys = Arrays.stream(ForeignKeyRule.values())
                .map(rule -> new ForeignKey(List.of("c1"), "item", List.of("id"), "NO ACTION", "SET NULL", rule))
                .collect(Collectors.toList());
        return new TableDefinition("item", false, true, true, DeletePolicy.DELETE_WINS, columns, List.of(), keys);
    }

    @Test
    void everyRuleIsInAGoldenFileAndOnThePage() throws IOException {
        String rules = section("**Rules** are a `u8`", "**Table definitions**");
        for (Rule.Kind kind : Rule.Kind.values()) {
            assertThat(everyRule().columns()).anyMatch(column -> column.rule().kind() == kind);
            assertThat(rules).contains(" `" + kind.name().toLowerCase(Locale.ROOT) + "`");
        }
    }

    @Test
    void everyOperationIsInAGoldenFileAndOnThePage() throws IOException {
        Set<Class<?>> found = new TreeSet<>((a, b) -> a.getName().compareTo(b.getName()));
        for (String name : GOLDEN) {
            for (TableOp op : ChangeSetCodec.ops(EncodedChangeSet.of(bytes(name)))) {
                found.add(op.getClass());
                if (op instanceof TableOp.Change change) {
                    found.add(change.op().getClass());
                    cells(change.op()).forEach(cell -> found.add(cell.getClass()));
                }
            }
        }
        assertThat(found).contains(RowOp.class.getPermittedSubclasses());
        assertThat(found).contains(CellOp.class.getPermittedSubclasses());
        assertThat(found).contains(TableOp.Declare.class);
        String operations = section("| kind | operation | bytes |", "**Cells** are");
        for (Class<?> op : RowOp.class.getPermittedSubclasses()) {
            assertThat(operations).contains("| " + op.getSimpleName().toLowerCase(Locale.ROOT) + " |");
        }
    }

    private static Iterable<CellOp<Value>> cells(RowOp<String, Value> op) {
        if (op instanceof RowOp.Insert<String, Value> insert) {
            return insert.cells().values();
        }
        return op instanceof RowOp.Edit<String, Value> edit ? edit.cells().values() : List.of();
    }

    @Test
    void everyKindOfCellsIsOnThePage() throws IOException {
        String cells = section("| kind of cells | rule | bytes |", "From kind 3 on");
        for (CellKind kind : CellKind.values()) {
            assertThat(cells).containsPattern("(?m)^\\|[^|]*\\b" + kind.code() + "\\b[^|]*\\|");
        }
    }

    private static String section(String from, String to) throws IOException {
        String page = Files.readString(Path.of("../docs/protocol.md"));
        return page.substring(page.indexOf(from), page.indexOf(to));
    }

    private static byte[] bytes(String name) throws IOException {
        try (InputStream in = GoldenKindsTest.class.getResourceAsStream("/fixtures/v1/" + name + ".hex")) {
            assertThat(in).as(name).isNotNull();
            String hex = new String(in.readAllBytes(), StandardCharsets.US_ASCII).replaceAll("\\s", "");
            return HexFormat.of().parseHex(hex);
        }
    }
}
