// SPDX-License-Identifier: Apache-2.0
package io.anabranch.cli;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.sync.RuleConflict;
import java.util.LinkedHashMap;
import java.util.Map;

/** A column for which two rules were declared, as JSON and in words. */
final class RuleConflictText {
    static final String REMEDY = "have every program declare the rule that holds, and write again what is missing:"
            + " 'anabranch history' lists what was written to a row";

    private RuleConflictText() {}

    static Map<String, Object> document(RuleConflict conflict) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("table", conflict.table());
        document.put("column", conflict.column());
        document.put("rule", conflict.rule());
        document.put("by", conflict.by().toString());
        document.put("losing", conflict.losing());
        document.put("losingBy", conflict.losingBy().toString());
        return document;
    }

    static String of(RuleConflict conflict, Origin self) {
        return conflict.table() + "." + conflict.column() + " is " + conflict.rule() + ", as "
                + who(conflict.by(), self) + " declared it, and not " + conflict.losing() + ", as "
                + who(conflict.losingBy(), self) + " did: what was written under that is kept and shows nowhere";
    }

    private static String who(Origin origin, Origin self) {
        return origin.equals(self) ? "this replica" : "origin " + origin;
    }
}
