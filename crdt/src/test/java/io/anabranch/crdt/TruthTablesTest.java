// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.crdt.laws.CrdtLaws;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The tables of docs/crdts.md and of the pages on rules are what the types do. {@code mvn test -Danabranch.docs=write} writes them anew. */
class TruthTablesTest {
    private static final Path PAGE = Path.of("../docs/crdts.md");
    private static final Path RULES = Path.of("../docs/rules");
    private static final Pattern TABLE = Pattern.compile("<!-- table (\\w+) -->\n.*?<!-- end -->", Pattern.DOTALL);

    private static final List<CrdtLaws<?, ?>> TYPES = List.of(
            new GCounterLaws(),
            new PnCounterLaws(),
            new ResettableCounterLaws(),
            new BoundedCounterLaws(),
            new LwwRegisterLaws(),
            new FirstWriteRegisterLaws(),
            new MaxRegisterLaws(),
            new MinRegisterLaws(),
            new MvRegisterLaws(),
            new EwFlagLaws(),
            new DwFlagLaws(),
            new GSetLaws(),
            new TwoPhaseSetLaws(),
            new OrSetLaws(),
            new RwSetLaws(),
            new OrMapLaws(),
            new OrMapOfMapsLaws(),
            new SequenceLaws(),
            new RowLivesEditWinsLaws(),
            new RowLivesDeleteWinsLaws());

    private static final List<CrdtLaws<?, ?>> ROWS =
            List.of(new RowSetLaws(), new RowValuesLaws(), new RowRightsLaws(), new RowExtremesLaws());

    @Test
    void theTablesOfTheRulesAreWhatTheTypesDo() throws IOException {
        Map<String, CrdtLaws<?, ?>> byName = new HashMap<>();
        Stream.concat(TYPES.stream(), ROWS.stream())
                .forEach(type -> byName.put(type.getClass().getSimpleName().replace("Laws", ""), type));
        int tables = 0;
        try (Stream<Path> pages = Files.list(RULES)) {
            for (Path page : pages.sorted().toList()) {
                String text = Files.readString(page);
                Matcher places = TABLE.matcher(text);
                while (places.find()) {
                    tables++;
                    assertThat(byName).as(page.toString()).containsKey(places.group(1));
                }
                String right = TABLE.matcher(text)
                        .replaceAll(place -> Matcher.quoteReplacement("<!-- table " + place.group(1) + " -->\n"
                                + byName.get(place.group(1)).truthTable() + "<!-- end -->"));
                writeOrCompare(page, text, right);
            }
        }
        assertThat(tables).isEqualTo(11);
    }

    private static void writeOrCompare(Path page, String text, String right) throws IOException {
        if ("write".equals(System.getProperty("anabranch.docs"))) {
            Files.writeString(page, right);
        } else {
            assertThat(text).as(page.toString()).isEqualTo(right);
        }
    }

    @Test
    void theTablesOfThePageAreWhatTheTypesDo() throws IOException {
        String page = Files.readString(PAGE);
        String right = page;
        for (CrdtLaws<?, ?> type : TYPES) {
            String name = type.getClass().getSimpleName().replace("Laws", "");
            Pattern place = Pattern.compile("<!-- table " + name + " -->\n.*?<!-- end -->", Pattern.DOTALL);
            Matcher matcher = place.matcher(right);
            assertThat(matcher.find()).as("a place for the table of " + name).isTrue();
            right = matcher.replaceFirst(
                    Matcher.quoteReplacement("<!-- table " + name + " -->\n" + type.truthTable() + "<!-- end -->"));
        }
        writeOrCompare(PAGE, page, right);
    }
}
