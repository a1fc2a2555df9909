// SPDX-License-Identifier: Apache-2.0
package io.anabranch.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** What a doctor found: one line for each thing looked at, and for each that is not well what to do. Confined to one thread. */
final class Checkup {
    private final String target;
    private final String kind;
    private final List<Finding> findings = new ArrayList<>();

    /** @param kind what the target is: {@code replica}, {@code relay-file}, {@code relay}, or {@code file} */
    Checkup(String target, String kind) {
        this.target = target;
        this.kind = kind;
    }

    enum State {
        OK,
        /** Nothing is broken, and somebody should know. */
        WARNING,
        /** Something does not work, or will not for long. */
        ERROR
    }

    private record Finding(String check, State state, String message, String advice) {}

    void ok(String check, String message) {
        findings.add(new Finding(check, State.OK, message, ""));
    }

    void warning(String check, String message, String advice) {
        findings.add(new Finding(check, State.WARNING, message, advice));
    }

    void error(String check, String message, String advice) {
        findings.add(new Finding(check, State.ERROR, message, advice));
    }

    boolean isHealthy() {
        return findings.stream().noneMatch(finding -> finding.state == State.ERROR);
    }

    Map<String, Object> document() {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("target", target);
        document.put("kind", kind);
        document.put("healthy", isHealthy());
        document.put("checks", findings.stream().map(Checkup::document).collect(Collectors.toList()));
        return document;
    }

    private static Map<String, Object> document(Finding finding) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("check", finding.check);
        document.put("state", finding.state.name().toLowerCase(Locale.ROOT));
        document.put("message", finding.message);
        document.put("advice", finding.advice);
        return document;
    }

    void print(PrintWriter out) {
        for (Finding finding : findings) {
            out.printf(
                    Locale.ROOT,
                    "%-8s %-12s %s%n",
                    finding.state.name().toLowerCase(Locale.ROOT),
                    finding.check,
                    finding.message);
            if (!finding.advice.isEmpty()) {
                out.printf(Locale.ROOT, "%-8s %-12s -> %s%n", "", "", finding.advice);
            }
        }
        long errors = count(State.ERROR);
        long warnings = count(State.WARNING);
        out.println(target + ": " + (errors == 0 ? "healthy" : errors + (errors == 1 ? " error" : " errors"))
                + (warnings == 0 ? "" : ", " + warnings + (warnings == 1 ? " warning" : " warnings")));
    }

    private long count(State state) {
        return findings.stream().filter(finding -> finding.state == state).count();
    }
}
