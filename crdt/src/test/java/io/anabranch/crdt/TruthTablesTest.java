// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.crdt.laws.CrdtLaws;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The tables of docs/crdts.md are what the types do. {@code mvn test -Danabranch.docs=write} writes them anew. */
class TruthTablesTest {
    private static final Path PAGE = Path.of("../docs/crdts.md");

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
        if ("write".equals(System.getProperty("anabranch.docs"))) {
            Files.writeString(PAGE, right);
        } else {
            assertThat(page).isEqualTo(right);
        }
    }
}
